package io.holdfast.manager.access;

import io.holdfast.manager.config.ManagerConfig.User;
import io.holdfast.manager.http.Request;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Users of the configuration, known by name and password. Any thread may ask. */
public final class BasicUsers {
    private final List<User> users;

    public BasicUsers(List<User> users) {
        this.users = List.copyOf(users);
    }

    /** A name and a password that somebody has given. */
    record Credentials(String name, String password) {
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

    /** The name of the user who makes a request; empty when it is none of these. */
    public Optional<String> find(Request request) {
        return given(request).flatMap(this::find);
    }

    /** The name of the user with this name and password; empty when there is none. */
    Optional<String> find(Credentials given) {
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
