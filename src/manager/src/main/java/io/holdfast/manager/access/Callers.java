package io.holdfast.manager.access;

import io.holdfast.manager.config.ManagerConfig.User;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.RefusalLog;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.identity.Attempts;
import io.holdfast.manager.identity.BasicUsers;
import io.holdfast.manager.identity.BasicUsers.Credentials;
import io.holdfast.manager.identity.Caller;
import io.holdfast.manager.identity.Claims;
import io.holdfast.manager.identity.Logins;
import io.holdfast.manager.identity.OpenidProvider;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who makes a request: by HTTP basic authentication, by a bearer token (RFC 6750) or, when there is no {@code Authorization}, by the
 * dashboard's session.
 */
public final class Callers {
    private static final String BEARER = "Bearer ";

    private final BasicUsers operators;
    private final BasicUsers brokers;
    private final @Nullable OpenidProvider provider;
    private final Attempts attempts;
    private final Logins logins;
    private final Rights rights;

    public Callers(
            List<User> operators,
            List<User> brokers,
            @Nullable OpenidProvider provider,
            Attempts attempts,
            Logins logins,
            Rights rights) {
        this.operators = new BasicUsers(operators);
        this.brokers = new BasicUsers(brokers);
        this.provider = provider;
        this.attempts = attempts;
        this.logins = logins;
        this.rights = rights;
    }

    /**
     * The caller, perhaps {@link Caller.Nobody}.
     *
     * @throws HttpError 429 after too many wrong passwords, 503 when nobody can be asked whose token it is
     */
    Access of(Request request) {
        Access access = find(request);
        if (!(access.caller() instanceof Caller.Nobody)) {
            request.known(access.caller().id());
        }
        return access;
    }

    private Access find(Request request) {
        String header = request.headers().get("Authorization");
        if (header == null) {
            return logins.find(request)
                    .map(login -> new Access(login.caller(), login.session(), rights))
                    .orElseGet(() -> access(new Caller.Nobody()));
        }
        if (header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return access(bearer(request, header.substring(BEARER.length()).strip()));
        }
        return access(BasicUsers.find(request, attempts, this::find).orElseGet(Caller.Nobody::new));
    }

    private Caller bearer(Request request, String token) {
        Consumer<String> refused = why -> RefusalLog.refused(request, "token of " + Claims.saidBy(token), why);
        if (provider == null) {
            refused.accept("no login.openid is configured");
            return new Caller.Nobody();
        }
        return provider.bearer(token, refused).orElseGet(Caller.Nobody::new);
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
