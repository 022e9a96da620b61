package io.holdfast.agent.transfer;

import io.holdfast.agent.http.Connections;
import io.holdfast.protocol.tls.LayeredSockets;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Opens connections to the store's signed addresses. May be used by any thread. */
public final class StoreConnections {
    private static final int LARGEST_TEXT = 64 * 1024;

    /** As in the S3 API reference, "Authenticating Requests: Using Query Parameters". */
    private static final Pattern SIGNED_AT = Pattern.compile("(?:^|&)X-Amz-Date=(\\d{8}T\\d{6}Z)");

    private static final DateTimeFormatter SIGNED_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssX").withZone(ZoneOffset.UTC);

    private static final Duration LEAST_SKEW = Duration.ofMinutes(5);

    private final LayeredSockets sockets;
    private final StorePatience patience;

    public StoreConnections(LayeredSockets sockets, StorePatience patience) {
        this.sockets = sockets;
        this.patience = patience;
    }

    StorePatience patience() {
        return patience;
    }

    HttpURLConnection open(String method, String url, Map<String, String> headers) throws IOException {
        HttpURLConnection connection = Connections.open(method, URI.create(url), sockets, patience.silence());
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
        try (@Nullable InputStream in = Connections.body(connection)) {
            return in == null ? "" : new String(in.readNBytes(LARGEST_TEXT), StandardCharsets.UTF_8);
        }
    }

    /**
     * What a store answered instead of what was wanted. Where it refuses a signed address, and its clock is far from the one
     * by which the address was signed, that is why: S3 takes no signature from another quarter of an hour.
     *
     * @param body its text, or as much as there is
     */
    static String refusal(HttpURLConnection connection, String body) throws IOException {
        int status = connection.getResponseCode();
        String told = "the store answered " + status + errorCode(body);
        Matcher signed = SIGNED_AT.matcher(String.valueOf(connection.getURL().getQuery()));
        long storesTime = connection.getDate();
        if (status != 403 || storesTime == 0 || !signed.find()) {
            return told;
        }
        try {
            Instant at = SIGNED_TIME.parse(signed.group(1), Instant::from);
            Duration off = Duration.between(at, Instant.ofEpochMilli(storesTime));
            return off.abs().compareTo(LEAST_SKEW) < 0
                    ? told
                    : told + ": it is " + Instant.ofEpochMilli(storesTime) + " by the store's clock, and was " + at
                            + " by the manager's when it signed the address; set the wrong one, best by NTP";
        } catch (DateTimeParseException e) {
            return told;
        }
    }

    /** A store's error code out of its XML, or nothing. It says enough, and the rest may name keys and hosts. */
    static String errorCode(String body) {
        int start = body.indexOf("<Code>");
        int end = body.indexOf("</Code>");
        return start < 0 || end < start ? "" : " " + body.substring(start + "<Code>".length(), end);
    }
}
