package io.holdfast.manager.access;

import io.holdfast.manager.config.ManagerConfig.User;
import io.holdfast.manager.http.Request;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Users of the configuration, known by HTTP basic authentication (RFC 7617). Any thread may ask. */
public final class BasicUsers {
    private final List<User> users;

    public BasicUsers(List<User> users) {
        this.users = List.copyOf(users);
    }

    /** The name of the user who makes a request; empty when it is none of these. */
    public Optional<String> find(Request request) {
        String header = request.headers().get("Authorization");
        return header != null && header.regionMatches(true, 0, "Basic ", 0, 6)
                ? decoded(header.substring(6).strip())
                : Optional.empty();
    }

    private Optional<String> decoded(String credentials) {
        try {
            return find(new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The name of the user with this name and password; empty when there is none. */
    Optional<String> find(String name, String password) {
        return name.contains(":") ? Optional.empty() : find(name + ":" + password);
    }

    private Optional<String> find(String credentials) {
        @Nullable String found = null;
        // Every user is compared, in constant time: how long it takes tells nothing.
        for (User user : users) {
            if (MessageDigest.isEqual(hash(user.name() + ":" + user.password()), hash(credentials))) {
                found = user.name();
            }
        }
        return Optional.ofNullable(found);
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
