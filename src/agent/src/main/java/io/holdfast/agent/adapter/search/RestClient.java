package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.BoundedCall;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.SearchConfig;
import io.holdfast.agent.http.Connections;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.tls.LayeredSockets;
import io.holdfast.protocol.tls.TlsContexts;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Asks a node over HTTP, and never twice. For one thread. A request is interrupted when the attempt stops. Everything that
 * goes wrong is a {@link JobException} without secrets.
 */
final class RestClient {
    private static final int NOT_FOUND = 404;
    private static final int LONGEST_REASON = 500;
    private static final int LONGEST_PATH = 100;

    /** Nodes take request lines of 4,096 bytes. */
    private static final int LONGEST_LIST = 3000;

    private final String address;
    private final @Nullable String authorization;
    private final @Nullable Path caFile;
    private @Nullable LayeredSockets tls;
    private final int idleMillis;
    private final FailureCode refusal;
    private final StopSignal stop;

    /**
     * A client; nothing is connected yet.
     *
     * @param idleTimeout how long it waits for an answer
     * @param refusal what it is when the engine does not do as it is asked, for no reason that has a code of its own
     */
    RestClient(SearchConfig config, Duration idleTimeout, FailureCode refusal, StopSignal stop) {
        this.address = (config.caFile() == null ? "http://" : "https://") + Connections.host(config.host()) + ":"
                + config.port();
        this.authorization = config.user() == null
                ? null
                : Connections.basic(config.user(), config.password() == null ? "" : config.password());
        this.caFile = config.caFile();
        this.idleMillis = (int) Math.min(Integer.MAX_VALUE, idleTimeout.toMillis());
        this.refusal = refusal;
        this.stop = stop;
    }

    /** What it is when the engine does not do as it is asked. */
    FailureCode refusal() {
        return refusal;
    }

    /** What a node answers to a GET. */
    JsonNode get(String path) throws IOException {
        return call("GET", path, null);
    }

    /** The same; empty when there is no such thing. */
    Optional<JsonNode> find(String path) throws IOException {
        Answer answer = exchange("GET", path, null);
        return answer.status() == NOT_FOUND ? Optional.empty() : Optional.of(checked("GET", path, answer));
    }

    JsonNode put(String path, @Nullable Object body) throws IOException {
        return call("PUT", path, body);
    }

    JsonNode post(String path, @Nullable Object body) throws IOException {
        return call("POST", path, body);
    }

    /** Removes what may be gone already. */
    void delete(String path) throws IOException {
        Answer answer = exchange("DELETE", path, null);
        if (answer.status() != NOT_FOUND) {
            checked("DELETE", path, answer);
        }
    }

    /** Any number of names as parts of paths, each short enough for one request. */
    static List<String> lists(Collection<String> names) {
        List<String> lists = new ArrayList<>();
        StringBuilder list = new StringBuilder();
        for (String name : names) {
            String part = encoded(name);
            if (!list.isEmpty() && list.length() + part.length() > LONGEST_LIST) {
                lists.add(list.toString());
                list.setLength(0);
            }
            list.append(list.isEmpty() ? "" : ",").append(part);
        }
        if (!list.isEmpty()) {
            lists.add(list.toString());
        }
        return lists;
    }

    /** One name as part of a path. */
    static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private JsonNode call(String method, String path, @Nullable Object body) throws IOException {
        return checked(method, path, exchange(method, path, body));
    }

    private record Answer(int status, @Nullable JsonNode body) {}

    private Answer exchange(String method, String path, @Nullable Object body) throws IOException {
        stop.check();
        if (tls == null && caFile != null) {
            tls = new LayeredSockets(TlsContexts.trustingAlso(List.of(caFile)));
        }
        HttpURLConnection connection =
                Connections.openDirectly(method, URI.create(address + path), tls, Duration.ofMillis(idleMillis));
        if (authorization != null) {
            connection.setRequestProperty("Authorization", authorization);
        }
        StopSignal.Registration stopping = stop.onStop(connection::disconnect);
        try {
            byte[] json = body == null ? null : Json.mapper().writeValueAsBytes(body);
            int status = BoundedCall.of(
                    Connections.CONNECT.plusMillis(2L * idleMillis), () -> Connections.status(connection, json));
            try (InputStream in = Connections.body(connection)) {
                return new Answer(status, in == null ? null : json(in.readAllBytes()));
            }
        } catch (SocketTimeoutException e) {
            stop.check();
            throw new JobException(
                    FailureCode.TOOL_TIMEOUT, address + " did not answer for too long", "see the service's log", e);
        } catch (IOException e) {
            stop.check();
            throw unreachable(
                    address + " cannot be reached for " + method + " " + shortened(path) + ": " + e.getMessage(), e);
        } finally {
            stopping.close();
            // A kept connection that broke meanwhile would have to be told from one that broke after the request. The
            // header for it makes OpenSearch 2 with its security plugin close before it has answered.
            connection.disconnect();
        }
    }

    private JsonNode checked(String method, String path, Answer answer) throws IOException {
        JsonNode body = answer.body();
        if (answer.status() >= 200 && answer.status() < 300 && body != null) {
            return body;
        }
        JsonNode error = body == null ? null : body.get("error");
        String type = error == null ? "" : error.path("type").asString("");
        String reason = error == null
                ? "status " + answer.status()
                : error.isString() ? error.asString() : error.path("reason").asString("") + cause(error);
        String what = "the service refuses " + method + " " + brief(path) + ": " + shortened(reason);
        boolean denied = type.equals("security_exception") || (answer.status() == 403 && type.isEmpty());
        if (answer.status() == 401 || denied) {
            throw new JobException(
                    FailureCode.SERVICE_DENIED,
                    what,
                    "check user and password in the agent's configuration, and the rights that the adapter's page names");
        }
        if (Failure.full(reason)) {
            throw Failure.diskFull(what);
        }
        if (answer.status() == 503 || answer.status() == 429) {
            throw unreachable(what, null);
        }
        throw new JobException(refusal, what);
    }

    private static @Nullable JsonNode json(byte[] body) {
        try {
            return Json.mapper().readTree(body);
        } catch (JacksonException e) {
            return null; // such as a proxy's page
        }
    }

    /** The innermost cause says most. */
    private static String cause(JsonNode error) {
        String reason = "";
        for (JsonNode cause = error.path("caused_by"); !cause.isMissingNode(); cause = cause.path("caused_by")) {
            reason = ": " + cause.path("reason").asString("");
        }
        return reason;
    }

    /** A path that may name thousands of indexes, so that the reason after it is read. */
    private static String brief(String path) {
        String names = path.replaceFirst("\\?.*", "");
        return names.length() > LONGEST_PATH ? names.substring(0, LONGEST_PATH) + "…" : names;
    }

    static String shortened(String text) {
        String line = text.strip().replaceAll("\\s*\n\\s*", " ");
        return line.length() > LONGEST_REASON ? line.substring(0, LONGEST_REASON) + "…" : line;
    }

    private static JobException unreachable(String message, @Nullable Throwable cause) {
        return new JobException(
                FailureCode.SERVICE_UNREACHABLE, message, "check that the service runs and can be reached", cause);
    }
}
