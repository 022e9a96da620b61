package io.holdfast.manager.api;

import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Route;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.jobs.InstanceGone;
import java.io.IOException;

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
        router.add("POST", pattern, request -> {
            try {
                return idempotency.handle(callers.operator(request), request, route);
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
