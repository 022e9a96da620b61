package io.holdfast.manager.http;

import io.holdfast.format.json.Json;
import io.holdfast.protocol.Refusal;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * What a route answers.
 *
 * @param status the HTTP status
 * @param headers header fields beside {@code Content-Length}
 * @param body closed by the server once it is sent
 * @param length bytes of the body, or -1 when it is not known before its end
 */
public record Reply(int status, Map<String, String> headers, InputStream body, long length) {
    public Reply {
        headers = Map.copyOf(headers);
    }

    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

    /** A JSON document. */
    public static Reply json(int status, Object document) {
        return bytes(status, JSON, Json.mapper().writeValueAsBytes(document));
    }

    /** A JSON document that is written while it is sent. */
    public static Reply json(int status, InputStream document) {
        return new Reply(status, JSON, document, -1);
    }

    /** The same answer with one more header field. */
    public Reply withHeader(String name, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(name, value);
        return new Reply(status, more, body, length);
    }

    /** Bytes. */
    public static Reply bytes(int status, Map<String, String> headers, byte[] content) {
        return new Reply(status, headers, new ByteArrayInputStream(content), content.length);
    }

    /** 204. */
    public static Reply nothing() {
        return bytes(204, Map.of(), new byte[0]);
    }

    public static Reply of(HttpError error) {
        return of(error, false);
    }

    /**
     * An error as the caller sees it.
     *
     * @param toBrowser whether a browser gets it: it must not ask its user for a name and a password then
     */
    public static Reply of(HttpError error, boolean toBrowser) {
        Refusal refusal = new Refusal(error.code().code(), String.valueOf(error.getMessage()), error.hint());
        Map<String, String> headers = error.code() == ErrorCode.UNAUTHORIZED
                ? Map.of(
                        "Content-Type",
                        "application/json",
                        "WWW-Authenticate",
                        (toBrowser ? "" : "Basic realm=\"holdfast\", ") + "Bearer realm=\"holdfast\"")
                : JSON;
        return bytes(error.code().status(), headers, Json.mapper().writeValueAsBytes(refusal));
    }
}
