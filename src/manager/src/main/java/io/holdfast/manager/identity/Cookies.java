package io.holdfast.manager.identity;

import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import java.util.Arrays;
import java.util.Optional;

/**
 * Cookies of this host alone ({@code __Host-}, RFC 6265bis): sent over TLS only, never seen by scripts, and not sent along
 * when another site's page makes the browser change something here.
 */
final class Cookies {
    private Cookies() {}

    /** A cookie's value. */
    static Optional<String> get(Request request, String name) {
        String header = request.headers().get("Cookie");
        if (header == null) {
            return Optional.empty();
        }
        return Arrays.stream(header.split(";"))
                .map(String::strip)
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> pair.substring(name.length() + 1))
                .findFirst();
    }

    /** The answer with a cookie that stays until the browser is closed. */
    static Reply set(Reply answer, String name, String value) {
        return answer.withHeader("Set-Cookie", name + "=" + value + "; Path=/; Secure; HttpOnly; SameSite=Lax");
    }

    /** The answer with the order to forget a cookie. */
    static Reply remove(Reply answer, String name) {
        return answer.withHeader("Set-Cookie", name + "=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    }
}
