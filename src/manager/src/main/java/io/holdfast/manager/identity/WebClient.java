package io.holdfast.manager.identity;

import io.holdfast.format.json.Json;
import io.holdfast.protocol.tls.TlsContexts;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Asks another server for JSON over TLS. Follows no redirect, since requests carry secrets. Waits some seconds, reads a
 * bounded answer, and tries nothing again. Any thread may ask.
 */
public final class WebClient implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final int LARGEST_ANSWER = 1 << 20;

    private final SSLContext tls;
    private final HttpClient client;

    /**
     * Makes it.
     *
     * @param caFile who may have signed the server's certificate besides those whom the JVM trusts, or null
     * @throws IOException when the file cannot be read
     */
    public WebClient(@Nullable Path caFile) throws IOException {
        this.tls = TlsContexts.trustingAlso(caFile == null ? List.of() : List.of(caFile));
        this.client = HttpClient.newBuilder()
                .sslContext(tls)
                .connectTimeout(CONNECT)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /** What the server's certificate is judged by. */
    SSLContext tls() {
        return tls;
    }

    /**
     * An answer.
     *
     * @param json missing when the answer is not JSON
     */
    public record Answer(int status, JsonNode json) {}

    /** A request to an address, to be completed and sent. */
    public HttpRequest.Builder request(URI address) {
        return HttpRequest.newBuilder(address).timeout(ANSWER).header("Accept", "application/json");
    }

    /**
     * Sends a request.
     *
     * @throws IOException when there is no answer
     */
    public Answer send(HttpRequest request) throws IOException {
        try {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                return new Answer(response.statusCode(), json(body.readNBytes(LARGEST_ANSWER)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static JsonNode json(byte[] body) {
        try {
            return Json.mapper().readTree(body);
        } catch (JacksonException e) {
            return Json.mapper().missingNode();
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
