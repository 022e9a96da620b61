package io.holdfast.manager.access;

import io.holdfast.manager.config.LoginConfig;
import io.holdfast.manager.database.Sessions;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * Logins at the dashboard. The browser has a session's secret id, in a cookie that scripts cannot read; the database has
 * a hash of it, so that any manager knows the session and a stolen database opens none. Any thread may call.
 */
public final class Logins {
    private static final String COOKIE = "__Host-holdfast";

    private final Sessions sessions;
    private final LoginConfig config;
    private final SecureRandom random;

    public Logins(Sessions sessions, LoginConfig config, SecureRandom random) {
        this.sessions = sessions;
        this.config = config;
        this.random = random;
    }

    /** Somebody who has logged in, and the session. */
    record Login(Caller caller, Session session) {}

    /** Who has logged in at the browser that makes this request; empty for nobody, or when the session is over. */
    Optional<Login> find(Request request) {
        return Cookies.get(request, COOKIE)
                .flatMap(id -> sessions.use(Secrets.hash(id), config.idle(), config.longest())
                        .map(row -> new Login(caller(row, id), new Session(Secrets.derive(id, "csrf"), row.name()))));
    }

    private static Caller caller(Sessions.Row row, String id) {
        return switch (row.role()) {
            case OPERATOR -> new Caller.Operator(row.userId());
            case DEVELOPER -> {
                String sealed = row.tokens();
                if (sealed == null) {
                    throw new IllegalStateException("a developer's session has no token");
                }
                yield new Caller.Developer(row.userId(), row.name(), new AccessToken(Secrets.open(id, sealed)));
            }
        };
    }

    /** Begins a session, always with a new id, and gives it to the browser with the answer. */
    Reply begin(Reply answer, Caller caller, String name) {
        String id = Secrets.random(random);
        switch (caller) {
            case Caller.Operator operator ->
                sessions.add(Secrets.hash(id), Sessions.Role.OPERATOR, operator.id(), name, null);
            case Caller.Developer developer ->
                sessions.add(
                        Secrets.hash(id),
                        Sessions.Role.DEVELOPER,
                        developer.userId(),
                        name,
                        Secrets.seal(id, developer.token().value(), random));
            case Caller.Broker broker -> throw new IllegalArgumentException("brokers have no dashboard");
            case Caller.Nobody nobody -> throw new IllegalArgumentException("nobody has logged in");
        }
        return Cookies.set(answer, COOKIE, id);
    }

    /** Ends the session of a request's browser, if there is one. */
    Reply end(Reply answer, Request request) {
        Cookies.get(request, COOKIE).ifPresent(id -> sessions.end(Secrets.hash(id)));
        return Cookies.remove(answer, COOKIE);
    }

    /** Forgets sessions that are over. */
    public void forgetOld() {
        sessions.forgetOld(config.idle(), config.longest());
    }
}
