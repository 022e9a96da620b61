package io.holdfast.manager.access;

import io.holdfast.manager.config.ManagerConfig.User;
import io.holdfast.manager.http.Request;
import java.util.List;

/**
 * Finds out who makes a request: by HTTP basic authentication or, when there is no {@code Authorization}, by the
 * dashboard's session.
 */
public final class Callers {
    private final BasicUsers operators;
    private final BasicUsers brokers;
    private final Logins logins;
    private final Rights rights;

    public Callers(List<User> operators, List<User> brokers, Logins logins, Rights rights) {
        this.operators = new BasicUsers(operators);
        this.brokers = new BasicUsers(brokers);
        this.logins = logins;
        this.rights = rights;
    }

    /** The caller, perhaps {@link Caller.Nobody}. */
    Access of(Request request) {
        if (request.headers().get("Authorization") == null) {
            return logins.find(request)
                    .map(login -> new Access(login.caller(), login.session(), rights))
                    .orElseGet(() -> new Access(new Caller.Nobody(), null, rights));
        }
        return new Access(caller(request), null, rights);
    }

    private Caller caller(Request request) {
        return operators
                .find(request)
                .<Caller>map(Caller.Operator::new)
                .or(() -> brokers.find(request).map(Caller.Broker::new))
                .orElseGet(Caller.Nobody::new);
    }
}
