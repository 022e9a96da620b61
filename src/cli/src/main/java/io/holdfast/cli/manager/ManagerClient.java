package io.holdfast.cli.manager;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.Refusal;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Calls the manager. Every failure is a {@link Failure}.
 *
 * <p>A call whose connection breaks is repeated a few times: {@code GET} because it changes nothing, {@code PUT}
 * because twice is the same as once, {@code POST} because all its tries carry the same {@code Idempotency-Key}. {@code DELETE} is not repeated.
 */
public final class ManagerClient implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
    private static final int PAGE = 1000;
    private static final Duration[] PAUSES = {Duration.ofMillis(300), Duration.ofSeconds(1)};

    private final URI manager;
    private final String authorization;
    private final HttpClient http;

    /**
     * @param manager the manager's address, {@code https} only
     * @param tls whom to trust
     */
    public ManagerClient(URI manager, String user, String password, SSLContext tls) {
        this.manager = manager;
        this.authorization =
                "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT)
                .sslContext(tls)
                .build();
    }

    /** Asks for what is at a path, which begins with a slash. */
    public Answer get(String path) throws InterruptedException {
        return call(request(path).GET().build(), true);
    }

    /** Asks for the list that is at a path: page after page, as one answer. */
    public Answer list(String path) throws InterruptedException {
        Answer first = get(path + "?limit=" + PAGE);
        Optional<String> next = first.next();
        if (next.isEmpty()) {
            return first;
        }
        List<Answer> pages = new ArrayList<>(List.of(first));
        Set<String> asked = new HashSet<>();
        while (next.isPresent() && asked.add(next.get())) {
            Answer page = get(next.get());
            pages.add(page);
            next = page.next();
        }
        return Answer.joined(pages);
    }

    /** Starts something. */
    public Answer post(String path) throws InterruptedException {
        return post(path, "{}");
    }

    /** Starts something, as the body says. */
    public Answer post(String path, String body) throws InterruptedException {
        HttpRequest request = request(path)
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return call(request, true);
    }

    /** Changes what is at a path, as the body says; the same once more changes nothing more. */
    public Answer put(String path, String body) throws InterruptedException {
        HttpRequest request = request(path)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return call(request, true);
    }

    /** Deletes what is at a path. */
    public Answer delete(String path) throws InterruptedException {
        return call(request(path).DELETE().build(), false);
    }

    /** Deletes what is at a path, as the body says. */
    public Answer delete(String path, String body) throws InterruptedException {
        HttpRequest request = request(path)
                .header("Content-Type", "application/json")
                .method("DELETE", HttpRequest.BodyPublishers.ofString(body))
                .build();
        return call(request, false);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private HttpRequest.Builder request(String path) {
        String base = manager.toString();
        return HttpRequest.newBuilder(
                        URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path))
                .timeout(ANSWER_TIMEOUT)
                .header("Accept", "application/json, application/octet-stream")
                .header("Authorization", authorization);
    }

    private Answer call(HttpRequest request, boolean repeatable) throws InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                return answer(http.send(request, HttpResponse.BodyHandlers.ofByteArray()));
            } catch (SSLException e) {
                throw untrusted(e);
            } catch (IOException e) {
                if (!repeatable || attempt == PAUSES.length) {
                    throw unreachable(e);
                }
            }
            Thread.sleep(PAUSES[attempt]);
        }
    }

    private Answer answer(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        if (status >= 200 && status < 300) {
            return new Answer(
                    response.body(), response.headers().firstValue("Link").orElse(""));
        }
        Refusal refusal = refusal(response.body());
        if (refusal != null && status >= 400) {
            throw new Failure(
                    status < 500 ? ExitCode.REFUSED : ExitCode.MANAGER_ERROR,
                    refusal.error(),
                    refusal.description(),
                    refusal.hint() != null ? refusal.hint() : ownHint(status));
        }
        throw new Failure(
                status >= 400 && status < 500 ? ExitCode.REFUSED : ExitCode.MANAGER_ERROR,
                "Http" + status,
                manager + " answered with status " + status + " without a reason",
                "does --manager lead to a Holdfast manager?");
    }

    private static @Nullable String ownHint(int status) {
        return status == 401 ? "check --user and --password-file" : null;
    }

    private static @Nullable Refusal refusal(byte[] body) {
        try {
            Refusal refusal = Json.mapper().readValue(body, Refusal.class);
            return refusal.error() == null || refusal.description() == null ? null : refusal;
        } catch (JacksonException e) {
            return null;
        }
    }

    private Failure untrusted(SSLException e) {
        return new Failure(
                ExitCode.UNREACHABLE,
                "Tls",
                "no safe connection to " + manager + ": " + e.getMessage(),
                "give the CA that signed the manager's certificate with --ca-file",
                e);
    }

    private Failure unreachable(IOException e) {
        String what = e.getMessage() == null || e instanceof ConnectException
                ? "no connection to " + manager
                : "no answer from " + manager + ": " + e.getMessage();
        return new Failure(
                ExitCode.UNREACHABLE, "Unreachable", what, "is the manager running, and is --manager right?", e);
    }
}
