package io.holdfast.testbed;

import java.time.Duration;

/** What a {@link FaultProxy} does to one request, in the ways in which stores and networks really fail. */
public sealed interface Fault {
    /** Answers 503 with the code {@code SlowDown}; the server never sees the request. */
    record Busy() implements Fault {}

    /** Cuts both connections after so many bytes of the request's body. */
    record CutsRequest(long afterBytes) implements Fault {}

    /** Passes the request on, and cuts the connection after so many bytes of the answer's body. */
    record CutsAnswer(long afterBytes) implements Fault {}

    /** Lets the server do its work, and cuts the connection instead of answering. */
    record LosesAnswer() implements Fault {}

    /** Answers 200 with an error in the body, as S3 may for completing an upload; the server never sees the request. */
    record ErrorInside200() implements Fault {}

    /** Lets the server do its work, and answers with an ETag that is not the content's. */
    record WrongEtag() implements Fault {}

    /** Passes a page of a list on as if it were the last, although more follow. */
    record DropsFurtherPages() implements Fault {}

    /** Lets the server do its work, then does something, such as damaging the object, before the answer is passed on. */
    record Afterwards(Runnable action) implements Fault {}

    /** Waits before it passes the request on. */
    record Slow(Duration delay) implements Fault {}
}
