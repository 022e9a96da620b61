package io.holdfast.manager.access;

import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;

/** A route that wants to know who asks, such as one whose answer depends on it. */
public interface CallerRoute {
    /** AnswerTable one request, as {@link io.holdfast.manager.http.Route#handle} does. */
    Reply handle(Access access, Request request) throws Exception;
}
