package io.holdfast.manager.identity;

import io.holdfast.manager.config.ManagerConfig.User;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.RefusalLog;
import io.holdfast.manager.http.Request;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Users of the configuration, known by name and password. Any thread may ask. */
public final class BasicUsers {
    private final List<User> users;

    public BasicUsers(List<User> users) {
        this.users = List.copyOf(users);
    }

    /** What brings no name and password although it says so. */
    private static final String UNREADABLE = "an Authorization header that cannot be read";

    /** A name and a password that somebody has given. */
    public record Credentials(String name, String password) {
        @Override
        public String toString() {
            return "Credentials[]";
        }
    }

    /** What a request brings for HTTP basic authentication (RFC 7617); empty for anything else. */
    static Optional<Credentials> given(Request request) {
        String header = request.headers().get("Authorization");
        if (header == null || !header.regionMatches(true, 0, "Basic ", 0, 6)) {
            return Optional.empty();
        }
        String decoded;
        try {
            byte[] bytes = Base64.getDecoder().decode(header.substring(6).strip());
            decoded = new String(bytes, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        int colon = decoded.indexOf(':');
        return colon < 0
                ? Optional.empty()
                : Optional.of(new Credentials(decoded.substring(0, colon), decoded.substring(colon + 1)));
    }

    /**
     * The name of the user who makes a request; empty when it is none of these.
     *
     * @throws HttpError 429 after too many wrong passwords
     */
    public Optional<String> find(Request request, Attempts attempts) {
        return find(request, attempts, this::find);
    }

    /** The same for whoever name and password are looked up with. Whoever is not found is logged. */
    public static <T> Optional<T> find(Request request, Attempts attempts, Function<Credentials, Optional<T>> users) {
        Optional<Credentials> given = given(request);
        if (given.isEmpty()) {
            RefusalLog.refused(
                    request, "nobody", request.headers().get("Authorization") == null ? "no credentials" : UNREADABLE);
        }
        return given.flatMap(each -> attempts.attempt(request, each.name(), () -> users.apply(each)));
    }

    /** The name of the user with this name and password; empty when there is none. */
    public Optional<String> find(Credentials given) {
        @Nullable String found = null;
        // Every user is compared, in constant time: how long it takes tells nothing.
        for (User user : users) {
            if (Secrets.same(hash(user.name(), user.password()), hash(given.name(), given.password()))) {
                found = user.name();
            }
        }
        return Optional.ofNullable(found);
    }

    private static String hash(String name, String password) {
        return Secrets.hash(name) + Secrets.hash(password);
    }
}
