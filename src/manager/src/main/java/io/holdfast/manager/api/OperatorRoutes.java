package io.holdfast.manager.api;

import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Route;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.jobs.InstanceGone;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Adds routes that operators and service brokers may call: the caller is known before a route is asked, and a
 * {@code POST} may be repeated with its {@code Idempotency-Key}.
 */
public final class OperatorRoutes {
    static final int BODY = 64 * 1024;

    private final Router router;
    private final Callers callers;
    private final Idempotency idempotency;

    public OperatorRoutes(Router router, Callers callers, Idempotency idempotency) {
        this.router = router;
        this.callers = callers;
        this.idempotency = idempotency;
    }

    OperatorRoutes get(String pattern, Route route) {
        return add("GET", pattern, route);
    }

    OperatorRoutes put(String pattern, Route route) {
        return add("PUT", pattern, route);
    }

    OperatorRoutes delete(String pattern, Route route) {
        return add("DELETE", pattern, route);
    }

    OperatorRoutes post(String pattern, Route route) {
        return addPost(pattern, (caller, request) -> idempotency.handle(caller, request, route));
    }

    /** A {@code POST} of which a part is done before the transaction. */
    OperatorRoutes postPrepared(String pattern, Preparation preparation) {
        return addPost(pattern, (caller, request) -> {
            Preparation.Prepared prepared = preparation.prepare(request);
            Request rest =
                    request.withBody(new ByteArrayInputStream(prepared.body().getBytes(StandardCharsets.UTF_8)));
            return idempotency.handle(caller, rest, prepared.route());
        });
    }

    private interface Post {
        Reply handle(String caller, Request request) throws Exception;
    }

    private OperatorRoutes addPost(String pattern, Post post) {
        router.add("POST", pattern, request -> {
            try {
                return post.handle(callers.operator(request), request);
            } catch (InstanceGone e) {
                throw Lookup.deleted();
            }
        });
        return this;
    }

    private OperatorRoutes add(String method, String pattern, Route route) {
        router.add(method, pattern, request -> {
            callers.operator(request);
            return route.handle(request);
        });
        return this;
    }

    /** A body without any field. */
    private record Nothing() {}

    /** Refuses a body that has fields in it: they would be passed over without a word. */
    static void readNothing(Request request) throws IOException {
        request.read(Nothing.class, BODY);
    }
}
