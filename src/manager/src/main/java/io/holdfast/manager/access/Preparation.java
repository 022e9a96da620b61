package io.holdfast.manager.access;

import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Route;
import java.io.IOException;

/**
 * The part of a {@code POST} that comes before its transaction: what is slow, and what has to stay when the rest is undone.
 * It is done again when the request is repeated.
 */
public interface Preparation {
    /**
     * What is left to do.
     *
     * @param body what of the request counts when it is compared with an earlier one; no secret, since its hash is kept
     * @param route does it, in the transaction
     */
    record Prepared(String body, Route route) {}

    Prepared prepare(Request request) throws IOException;
}
