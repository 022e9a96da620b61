package io.holdfast.manager.http;

/** Answers requests. Called on a virtual thread of its own, so it may wait. Any number at once. */
public interface Route {
    /**
     * Answers one request.
     *
     * @throws HttpError for an answer that says no
     * @throws Exception for everything that the caller cannot help: it is logged, and the caller sees an id
     */
    Reply handle(Request request) throws Exception;
}
