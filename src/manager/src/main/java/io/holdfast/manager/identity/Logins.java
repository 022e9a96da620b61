package io.holdfast.manager.identity;

import io.holdfast.format.json.Json;
import io.holdfast.manager.config.LoginConfig;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.sql.Database;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Logins at the dashboard. The browser has a secret, in a cookie that scripts cannot read. With a login it is a new one,
 * the session's id, and the database has a hash of it, so that any manager knows the session and a stolen database opens
 * none. Any thread may call.
 */
public final class Logins {
    private static final String COOKIE = "__Host-holdfast";
    private static final Duration BEFORE_EXPIRY = Duration.ofSeconds(30);
    private static final int LOCKS = 64;

    private final SessionTable sessions;
    private final LoginConfig config;
    private final @Nullable OpenidProvider provider;
    private final SecureRandom random;
    private final InstantSource clock;
    /** One for each session, nearly: of several requests one gets new tokens, and the others wait for them. */
    private final ReentrantLock[] refreshing =
            IntStream.range(0, LOCKS).mapToObj(i -> new ReentrantLock()).toArray(ReentrantLock[]::new);

    public Logins(
            Database database,
            LoginConfig config,
            @Nullable OpenidProvider provider,
            SecureRandom random,
            InstantSource clock) {
        this.sessions = new SessionTable(database);
        this.config = config;
        this.provider = provider;
        this.random = random;
        this.clock = clock;
    }

    /** Somebody who has logged in, and the session. */
    public record Login(Caller caller, Session session) {}

    /** A user's tokens as a session keeps them, sealed. */
    record KeptTokens(
            String access,
            @Nullable String refresh,
            @Nullable Instant expiresAt) {
        static KeptTokens of(OpenidProvider.Tokens tokens) {
            return new KeptTokens(tokens.access().value(), tokens.refresh(), tokens.expiresAt());
        }
    }

    /** The secret of a request's browser, if it has one. It need not be a session's. */
    public Optional<String> secret(Request request) {
        return Cookies.get(request, COOKIE);
    }

    /** Gives a browser a secret with the answer: what a form proves with before anybody has logged in. */
    public Reply withSecret(Reply answer, String secret) {
        return Cookies.set(answer, COOKIE, secret);
    }

    /** What the forms of a browser with this secret prove with. */
    public static String csrfToken(String secret) {
        return Secrets.derive(secret, "csrf");
    }

    /** Who has logged in at the browser that makes this request; empty for nobody, or when the session is over. */
    public Optional<Login> find(Request request) {
        return secret(request)
                .flatMap(id -> row(id).flatMap(row ->
                        caller(row, id).map(caller -> new Login(caller, new Session(csrfToken(id), row.name())))));
    }

    private Optional<SessionTable.Row> row(String id) {
        return sessions.use(Secrets.hash(id), config.idle(), config.longest());
    }

    private Optional<Caller> caller(SessionTable.Row row, String id) {
        return switch (row.role()) {
            case OPERATOR -> Optional.of(new Caller.Operator(row.userId()));
            case DEVELOPER ->
                fresh(row, id)
                        .map(tokens ->
                                new Caller.Developer(row.userId(), row.name(), new AccessToken(tokens.access())));
        };
    }

    /** The session's tokens, new ones when the old ones are about to end; empty when there are none to be had. */
    private Optional<KeptTokens> fresh(SessionTable.Row row, String id) {
        KeptTokens kept = tokens(row, id);
        if (isFresh(kept)) {
            return Optional.of(kept);
        }
        ReentrantLock lock = refreshing[Math.floorMod(row.idHash().hashCode(), LOCKS)];
        lock.lock();
        try {
            Optional<SessionTable.Row> again = row(id);
            if (again.isEmpty()) {
                return Optional.empty();
            }
            KeptTokens now = tokens(again.get(), id);
            if (isFresh(now)) {
                return Optional.of(now);
            }
            String refresh = now.refresh();
            Optional<KeptTokens> renewed = provider == null || refresh == null
                    ? Optional.empty()
                    : provider.refreshed(refresh).map(KeptTokens::of);
            renewed.ifPresentOrElse(
                    tokens -> sessions.setTokens(row.idHash(), sealed(id, tokens)), () -> sessions.end(row.idHash()));
            return renewed;
        } finally {
            lock.unlock();
        }
    }

    private boolean isFresh(KeptTokens tokens) {
        Instant end = tokens.expiresAt();
        return end == null || clock.instant().plus(BEFORE_EXPIRY).isBefore(end);
    }

    private static KeptTokens tokens(SessionTable.Row row, String id) {
        String sealed = row.tokens();
        if (sealed == null) {
            throw new IllegalStateException("a developer's session has no tokens");
        }
        return Json.mapper().readValue(Secrets.open(id, sealed), KeptTokens.class);
    }

    private String sealed(String id, KeptTokens tokens) {
        return Secrets.seal(id, Json.mapper().writeValueAsString(tokens), random);
    }

    /** Begins the session of an operator. */
    public Reply begin(Reply answer, Request request, Caller.Operator operator, String name) {
        return begin(answer, request, SessionTable.Role.OPERATOR, operator.id(), name, null);
    }

    /** Begins the session of somebody whom the identity provider knows. */
    public Reply begin(Reply answer, Request request, OpenidProvider.Entry entry) {
        return switch (entry.caller()) {
            case Caller.Operator operator -> begin(answer, request, operator, entry.name());
            case Caller.Developer developer ->
                begin(
                        answer,
                        request,
                        SessionTable.Role.DEVELOPER,
                        developer.userId(),
                        entry.name(),
                        KeptTokens.of(entry.tokens()));
            case Caller.Broker broker -> throw new IllegalArgumentException("brokers have no dashboard");
            case Caller.Nobody nobody -> throw new IllegalArgumentException("nobody has logged in");
        };
    }

    /** Always with a new id; what the browser had before is over. */
    private Reply begin(
            Reply answer,
            Request request,
            SessionTable.Role role,
            String userId,
            String name,
            @Nullable KeptTokens tokens) {
        secret(request).ifPresent(old -> sessions.end(Secrets.hash(old)));
        String id = Secrets.random(random);
        sessions.add(Secrets.hash(id), role, userId, name, tokens == null ? null : sealed(id, tokens));
        return Cookies.set(answer, COOKIE, id);
    }

    /** Ends the session of a request's browser, if there is one. */
    public Reply end(Reply answer, Request request) {
        secret(request).ifPresent(id -> sessions.end(Secrets.hash(id)));
        return Cookies.remove(answer, COOKIE);
    }

    /** Ends all sessions. */
    public void endAll() {
        sessions.endAll();
    }

    /** Forgets sessions that are over. */
    public void forgetOld() {
        sessions.forgetOld(config.idle(), config.longest());
    }
}
