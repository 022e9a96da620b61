package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.RabbitmqConfig;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.tls.TlsContexts;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.HttpRetryException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * RabbitMQ's management API. Nothing is tried again. Everything that goes wrong is a {@link JobException} that quotes
 * nothing of what the server says, which may be somebody's password. A call ends when the attempt stops. For one thread.
 */
final class ManagementApi {
    private static final int CONNECT_MILLIS = 10_000;
    private static final String DEFINITIONS = "definitions";

    private final RabbitmqConfig config;
    private final StopSignal stop;
    private final FailureCode refused;

    /**
     * @param refused what it is called when the server refuses a request
     */
    ManagementApi(RabbitmqConfig config, StopSignal stop, FailureCode refused) {
        this.config = config;
        this.stop = stop;
        this.refused = refused;
    }

    /** Asks for a small answer. */
    JsonNode get(String... path) throws IOException {
        try (InputStream answer = request("GET", path(path), null)) {
            return Json.mapper().readTree(answer.readAllBytes());
        } catch (StatusException | JacksonException e) {
            throw new JobException(
                    refused, address() + " does not answer as a management API does", "check adapter.port", e);
        }
    }

    /** All definitions, as the server sends them. */
    InputStream definitions() throws IOException {
        return request("GET", DEFINITIONS, null);
    }

    /** Adds and changes what the document says. */
    void importDefinitions(byte[] document) throws IOException {
        request("POST", DEFINITIONS, document).close();
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
            int status = interruptibly(() -> status(connection, body));
            if (status >= 300) {
                connection.disconnect();
                throw new StatusException(status, refusal(status, what));
            }
            return new Answer(connection.getInputStream());
        } catch (HttpRetryException e) {
            throw refusal(e.responseCode(), what);
        } catch (StatusException | JobException | InterruptedIOException e) {
            throw e instanceof SocketTimeoutException ? unreachable(e) : e;
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private HttpURLConnection connection(String method, String path) throws IOException {
        URI uri = URI.create((config.caFile() == null ? "http" : "https") + "://" + address() + "/api/" + path);
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
        if (connection instanceof HttpsURLConnection secured && config.caFile() != null) {
            secured.setSSLSocketFactory(
                    TlsContexts.trustingAlso(List.of(config.caFile())).getSocketFactory());
        }
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(
                (int) Math.min(Integer.MAX_VALUE, config.idleTimeout().toMillis()));
        connection.setInstanceFollowRedirects(false);
        connection.setRequestMethod(method);
        String login = config.user() + ":" + config.password();
        connection.setRequestProperty(
                "Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
        connection.setRequestProperty("Connection", "close");
        return connection;
    }

    private static int status(HttpURLConnection connection, byte @Nullable [] body) throws IOException {
        if (body != null) {
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(body.length);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(body);
            }
        }
        return connection.getResponseCode();
    }

    private String address() {
        String host = config.host().contains(":") ? "[" + config.host() + "]" : config.host();
        return host + ":" + config.port();
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

    private JobException unreachable(IOException cause) {
        return new JobException(
                FailureCode.SERVICE_UNREACHABLE,
                "the management API at " + address() + " cannot be reached: " + cause.getMessage(),
                "check that RabbitMQ runs with its plugin rabbitmq_management, and adapter.host, port and ca_file",
                cause);
    }

    /** Sockets of virtual threads break when the thread is interrupted; a stop interrupts the thread that waits here. */
    private static <T> T interruptibly(Callable<T> call) throws IOException {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = Thread.ofVirtual().start(task);
        try {
            return task.get();
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            InterruptedIOException io = new InterruptedIOException("waiting for RabbitMQ was interrupted");
            io.initCause(e);
            throw io;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private static final class StatusException extends IOException {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final JobException refusal;

        StatusException(int status, JobException refusal) {
            super(refusal);
            this.status = status;
            this.refusal = refusal;
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
                return interruptibly(() -> in.read(bytes, offset, length));
            } catch (SocketTimeoutException e) {
                throw unreachable(e);
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
