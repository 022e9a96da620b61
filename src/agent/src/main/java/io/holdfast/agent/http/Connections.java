package io.holdfast.agent.http;

import io.holdfast.protocol.tls.LayeredSockets;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** Opens connections that follow no redirects, and that know a limit for all that they wait for. */
public final class Connections {
    /** How long connecting may take. */
    public static final Duration CONNECT = Duration.ofSeconds(10);

    private static final LayeredSockets OF_THE_JVM =
            new LayeredSockets((SSLSocketFactory) SSLSocketFactory.getDefault());

    private Connections() {}

    /**
     * One that is not connected yet, by the proxy of the process, if it has one.
     *
     * @param tls for addresses with TLS; null for what the JVM trusts
     * @param silence how long one read may take
     */
    public static HttpURLConnection open(String method, URI address, @Nullable LayeredSockets tls, Duration silence)
            throws IOException {
        return prepared((HttpURLConnection) address.toURL().openConnection(), method, tls, silence);
    }

    /** The same without a proxy: for what is beside the agent. */
    public static HttpURLConnection openDirectly(
            String method, URI address, @Nullable LayeredSockets tls, Duration silence) throws IOException {
        return prepared((HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY), method, tls, silence);
    }

    private static HttpURLConnection prepared(
            HttpURLConnection connection, String method, @Nullable LayeredSockets tls, Duration silence)
            throws IOException {
        if (connection instanceof HttpsURLConnection secured) {
            secured.setSSLSocketFactory(tls == null ? OF_THE_JVM : tls);
        }
        connection.setConnectTimeout((int) CONNECT.toMillis());
        connection.setReadTimeout((int) Math.min(Integer.MAX_VALUE, silence.toMillis()));
        connection.setInstanceFollowRedirects(false);
        connection.setRequestMethod(method);
        return connection;
    }

    /** Sends a body, if there is one, and waits for the answer's status. */
    public static int status(HttpURLConnection connection, byte @Nullable [] json) throws IOException {
        if (json != null) {
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(json.length);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(json);
            }
        }
        return connection.getResponseCode();
    }

    /** The answer's body, of a refusal too; null when there is none. */
    public static @Nullable InputStream body(HttpURLConnection connection) throws IOException {
        return connection.getResponseCode() < 400 ? connection.getInputStream() : connection.getErrorStream();
    }

    /** The header {@code Authorization} of a user. */
    public static String basic(String user, String password) {
        byte[] login = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(login);
    }

    /** A host as it is written in an address. */
    public static String host(String name) {
        return name.contains(":") ? "[" + name + "]" : name;
    }
}
