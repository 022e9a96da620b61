package io.holdfast.manager.access;

import io.holdfast.manager.access.BasicUsers.Credentials;
import io.holdfast.manager.config.ManagerConfig.User;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Request;
import java.util.List;
import java.util.Optional;

/**
 * Finds out who makes a request: by HTTP basic authentication or, when there is no {@code Authorization}, by the
 * dashboard's session.
 */
public final class Callers {
    private final BasicUsers operators;
    private final BasicUsers brokers;
    private final Attempts attempts;
    private final Logins logins;
    private final Rights rights;

    public Callers(List<User> operators, List<User> brokers, Attempts attempts, Logins logins, Rights rights) {
        this.operators = new BasicUsers(operators);
        this.brokers = new BasicUsers(brokers);
        this.attempts = attempts;
        this.logins = logins;
        this.rights = rights;
    }

    /**
     * The caller, perhaps {@link Caller.Nobody}.
     *
     * @throws HttpError 429 after too many wrong passwords
     */
    Access of(Request request) {
        if (request.headers().get("Authorization") == null) {
            return logins.find(request)
                    .map(login -> new Access(login.caller(), login.session(), rights))
                    .orElseGet(() -> access(new Caller.Nobody()));
        }
        return access(BasicUsers.given(request)
                .flatMap(given -> attempts.attempt(request.client(), given.name(), () -> find(given)))
                .orElseGet(Caller.Nobody::new));
    }

    private Optional<Caller> find(Credentials given) {
        return operators
                .find(given)
                .<Caller>map(Caller.Operator::new)
                .or(() -> brokers.find(given).map(Caller.Broker::new));
    }

    private Access access(Caller caller) {
        return new Access(caller, null, rights);
    }
}
