package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.adapter.BoundedCall;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.Limits;
import io.holdfast.agent.config.RabbitmqConfig;
import io.holdfast.agent.http.Connections;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.tls.LayeredSockets;
import io.holdfast.protocol.tls.TlsContexts;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.HttpRetryException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/**
 * RabbitMQ's management API. Nothing is tried again. Everything that goes wrong is a {@link JobException} that quotes
 * nothing of what the server says, which may be somebody's password; the reasons of a refused import are given as they are. A call ends when the attempt stops. For one thread.
 */
final class ManagementApi {
    private static final int LONGEST_REASON = 16 * 1024;
    private static final String DEFINITIONS = "definitions";
    private static final ObjectReader ELEMENTS =
            Json.mapper().readerFor(JsonNode.class).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final RabbitmqConfig config;
    private final StopSignal stop;
    private final FailureCode refused;
    private final Duration idle;

    /**
     * @param refused what it is called when the server refuses a request
     */
    ManagementApi(RabbitmqConfig config, StopSignal stop, FailureCode refused) {
        this(config, stop, refused, config.idleTimeout());
    }

    /** For the agent's own questions, which hold up all else that it does. */
    static ManagementApi inPassing(RabbitmqConfig config) {
        return new ManagementApi(
                config, new StopSignal(), FailureCode.DUMP_FAILED, Limits.inPassing(config.idleTimeout()));
    }

    private ManagementApi(RabbitmqConfig config, StopSignal stop, FailureCode refused, Duration idle) {
        this.config = config;
        this.idle = idle;
        this.stop = stop;
        this.refused = refused;
    }

    /** Asks for a small answer. */
    JsonNode get(String... path) throws IOException {
        try (InputStream answer = request("GET", path(path), null)) {
            return Json.mapper().readTree(answer.readAllBytes());
        } catch (StatusException | JacksonException e) {
            throw noApi(e);
        }
    }

    /** All definitions, as the server sends them. */
    InputStream definitions() throws IOException {
        return request("GET", DEFINITIONS, null);
    }

    /** Adds and changes what the document says; gives the server's reason when something in it is refused, else null. */
    @Nullable String importDefinitions(byte[] document) throws IOException {
        try {
            send("POST", DEFINITIONS, document).close();
            return null;
        } catch (StatusException e) {
            if (e.status == HttpURLConnection.HTTP_BAD_REQUEST) {
                return e.reason;
            }
            throw e.refusal;
        }
    }

    /** Whether the server takes a document of so many bytes: it is sent an empty one. */
    boolean takes(int bytes) throws IOException {
        byte[] document = new byte[bytes];
        Arrays.fill(document, (byte) ' ');
        document[0] = '{';
        document[bytes - 1] = '}';
        try {
            send("POST", DEFINITIONS, document).close();
            return true;
        } catch (StatusException e) {
            if (e.status == HttpURLConnection.HTTP_BAD_REQUEST || e.status == HttpURLConnection.HTTP_ENTITY_TOO_LARGE) {
                return false;
            }
            throw e.refusal;
        } catch (JobException e) {
            get("whoami"); // it may have closed the connection because it has had enough
            return false;
        }
    }

    /** Whether there was something at that path that is gone now. */
    boolean delete(String... path) throws IOException {
        try {
            request("DELETE", path(path), null).close();
            return true;
        } catch (StatusException e) {
            return false;
        }
    }

    /** Asks for a list; empty when there is no such thing. */
    List<JsonNode> list(String... path) throws IOException {
        try (InputStream answer = request("GET", path(path), null)) {
            return List.copyOf(
                    Json.mapper().readTree(answer.readAllBytes()).asArray().values());
        } catch (StatusException e) {
            return List.of();
        }
    }

    /** Takes one element of a list. */
    interface ElementVisitor {
        void element(JsonNode element) throws IOException;
    }

    /**
     * Shows the elements of a list of any size one by one.
     *
     * @param path with its query, as it is sent
     */
    void each(String path, ElementVisitor visitor) throws IOException {
        try (InputStream answer = request("GET", path, null);
                JsonParser parser = Json.mapper().createParser(answer)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw noApi(null);
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                visitor.element(ELEMENTS.readValue(parser));
            }
        } catch (StatusException e) {
            throw noApi(e);
        } catch (JacksonException e) {
            throw e.getCause() instanceof IOException io ? io : noApi(e);
        }
    }

    private JobException noApi(@Nullable Exception cause) {
        return new JobException(
                refused, address() + " does not answer like a management API", "check adapter.port", cause);
    }

    private static String path(String... parts) {
        return Arrays.stream(parts)
                .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
    }

    private InputStream request(String method, String path, byte @Nullable [] body) throws IOException {
        try {
            return send(method, path, body);
        } catch (StatusException e) {
            throw e.status == HttpURLConnection.HTTP_NOT_FOUND ? e : e.refusal;
        }
    }

    private InputStream send(String method, String path, byte @Nullable [] body) throws IOException {
        stop.check();
        String what = method + " /api/" + path.replaceFirst("[/?].*", "");
        try {
            HttpURLConnection connection = connection(method, path);
            int status = bounded(() -> Connections.status(connection, body));
            if (status >= 300) {
                String reason = bounded(() -> reason(connection));
                connection.disconnect();
                throw new StatusException(status, refusal(status, what), reason);
            }
            return new Answer(connection.getInputStream());
        } catch (HttpRetryException e) {
            throw refusal(e.responseCode(), what);
        } catch (StatusException | JobException | InterruptedIOException e) {
            throw e instanceof SocketTimeoutException late ? silent(late) : e;
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private HttpURLConnection connection(String method, String path) throws IOException {
        URI uri = URI.create((config.caFile() == null ? "http" : "https") + "://" + address() + "/api/" + path);
        HttpURLConnection connection = Connections.openDirectly(
                method,
                uri,
                config.caFile() == null ? null : new LayeredSockets(TlsContexts.trustingAlso(List.of(config.caFile()))),
                idle);
        connection.setRequestProperty("Authorization", Connections.basic(config.user(), config.password()));
        connection.setRequestProperty("Connection", "close");
        return connection;
    }

    /** What the server says of a refusal; it may quote what was sent. */
    private static String reason(HttpURLConnection connection) {
        try (InputStream error = connection.getErrorStream()) {
            byte[] bytes = error == null ? new byte[0] : error.readNBytes(LONGEST_REASON);
            return text(Json.mapper().readTree(bytes).path("reason"));
        } catch (IOException | JacksonException e) {
            return ""; // such as a proxy's page
        }
    }

    /** Version 3.10 sends Erlang's terms: lists of texts, and of the numbers of letters. */
    private static String text(JsonNode reason) {
        if (!reason.isArray()) {
            return reason.asString("")
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&quot;", "\"")
                    .replace("&amp;", "&");
        }
        boolean letters =
                !reason.isEmpty() && reason.valueStream().allMatch(each -> each.isInt() && each.intValue() > 31);
        return letters
                ? reason.valueStream()
                        .map(each -> Character.toString(each.intValue()))
                        .collect(Collectors.joining())
                : reason.valueStream().map(ManagementApi::text).collect(Collectors.joining(" "));
    }

    private String address() {
        return Connections.host(config.host()) + ":" + config.port();
    }

    private JobException refusal(int status, String what) {
        return switch (status) {
            case 401, 403 ->
                new JobException(
                        FailureCode.SERVICE_DENIED,
                        address() + " refused " + what + " of user " + config.user(),
                        "check the password, the tag administrator, and the permissions that the adapter's page names");
            case 502, 503, 504 ->
                new JobException(
                        FailureCode.SERVICE_UNREACHABLE, address() + " answered " + what + " with status " + status);
            default ->
                new JobException(
                        refused, address() + " answered " + what + " with status " + status, "RabbitMQ's log says why");
        };
    }

    private JobException silent(SocketTimeoutException cause) {
        return new JobException(
                FailureCode.SERVICE_UNREACHABLE,
                "the management API at " + address() + " said nothing for too long",
                "see RabbitMQ's log, and adapter.idle_timeout_seconds",
                cause);
    }

    private JobException unreachable(IOException cause) {
        return new JobException(
                FailureCode.SERVICE_UNREACHABLE,
                "the management API at " + address() + " cannot be reached: " + cause.getMessage(),
                "check that RabbitMQ runs with its plugin rabbitmq_management, and adapter.host, port and ca_file",
                cause);
    }

    /** As long as a connect, the writing of a request, and an answer may take one after the other. */
    private <T> T bounded(Callable<T> call) throws IOException {
        return BoundedCall.of(idle.multipliedBy(2).plus(Connections.CONNECT), call);
    }

    private static final class StatusException extends IOException {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final JobException refusal;
        private final String reason;

        StatusException(int status, JobException refusal, String reason) {
            super(refusal);
            this.status = status;
            this.refusal = refusal;
            this.reason = reason;
        }
    }

    private final class Answer extends FilterInputStream {
        Answer(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            stop.check();
            try {
                return bounded(() -> in.read(bytes, offset, length));
            } catch (SocketTimeoutException e) {
                throw silent(e);
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                throw unreachable(e);
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }
    }
}
