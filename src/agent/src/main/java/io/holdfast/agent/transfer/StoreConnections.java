package io.holdfast.agent.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** Opens connections to the store's signed addresses. May be used by any thread. */
public final class StoreConnections {
    private static final int CONNECT_MILLIS = 10_000;
    private static final int READ_MILLIS = 60_000;
    private static final int LARGEST_TEXT = 64 * 1024;

    private final SSLSocketFactory sockets;

    public StoreConnections(SSLSocketFactory sockets) {
        this.sockets = sockets;
    }

    HttpURLConnection open(String method, String url, Map<String, String> headers) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(url).toURL().openConnection();
        if (connection instanceof HttpsURLConnection https) {
            https.setSSLSocketFactory(sockets);
        }
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        connection.setInstanceFollowRedirects(false);
        connection.setRequestMethod(method);
        headers.forEach((name, value) -> {
            // The connection sets these two itself, to the same values, and refuses to be told.
            if (!name.equalsIgnoreCase("Host") && !name.equalsIgnoreCase("Content-Length")) {
                connection.setRequestProperty(name, value);
            }
        });
        return connection;
    }

    /** The beginning of an answer's body. Reading it to the end lets the connection be used again. */
    static String text(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        try (@Nullable InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return in == null ? "" : new String(in.readNBytes(LARGEST_TEXT), StandardCharsets.UTF_8);
        }
    }

    /** A store's error code out of its XML, or nothing. It says enough, and the rest may name keys and hosts. */
    static String errorCode(String body) {
        int start = body.indexOf("<Code>");
        int end = body.indexOf("</Code>");
        return start < 0 || end < start ? "" : " " + body.substring(start + "<Code>".length(), end);
    }
}
