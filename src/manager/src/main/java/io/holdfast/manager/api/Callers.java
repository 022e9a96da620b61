package io.holdfast.manager.api;

import io.holdfast.manager.config.ManagerConfig.Operator;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Request;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Knows the operators by HTTP basic authentication (RFC 7617). */
public final class Callers {
    private final List<Operator> operators;

    public Callers(List<Operator> operators) {
        this.operators = List.copyOf(operators);
    }

    /**
     * The name of the caller.
     *
     * @throws HttpError 401 when it is nobody that is known
     */
    String operator(Request request) {
        String header = request.headers().get("Authorization");
        if (header != null && header.regionMatches(true, 0, "Basic ", 0, 6)) {
            String found = known(header.substring(6).strip());
            if (found != null) {
                return found;
            }
        }
        throw new HttpError(
                ErrorCode.UNAUTHORIZED,
                "the caller is not known",
                "use HTTP basic authentication with a user of the manager's configuration");
    }

    private @Nullable String known(String credentials) {
        String decoded;
        try {
            decoded = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
        String found = null;
        // Every operator is compared, in constant time: how long it takes tells nothing.
        for (Operator operator : operators) {
            String expected = operator.name() + ":" + operator.password();
            if (MessageDigest.isEqual(hash(expected), hash(decoded))) {
                found = operator.name();
            }
        }
        return found;
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
