package io.holdfast.manager.monitoring;

import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Route;
import io.holdfast.manager.transaction.DatabaseUnreachable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers for all routes that there is no database now, so that callers know that they may ask again. */
public record UnreachableDatabase(Route routes) implements Route {
    private static final Logger log = LoggerFactory.getLogger(UnreachableDatabase.class);

    @Override
    public Reply handle(Request request) throws Exception {
        try {
            return routes.handle(request);
        } catch (DatabaseUnreachable e) {
            log.warn("{} {}: {}", request.method(), request.path(), e.getMessage());
            throw new HttpError(
                    ErrorCode.DATABASE_UNAVAILABLE,
                    "the manager's database cannot be reached",
                    "try again; an operator finds the reason in the manager's log");
        }
    }
}
