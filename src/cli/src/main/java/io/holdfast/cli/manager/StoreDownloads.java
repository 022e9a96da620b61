package io.holdfast.cli.manager;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Gets files from the addresses that a manager has given: without credentials, since the addresses have them. */
public final class StoreDownloads implements AutoCloseable {
    private static final int DENIED = 403;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient http;

    /**
     * Makes it.
     *
     * @param tls whom to trust
     */
    public StoreDownloads(SSLContext tls) {
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT)
                .sslContext(tls)
                .build();
    }

    /** Takes a file's bytes, to their end. */
    public interface Sink {
        void take(InputStream content) throws IOException;
    }

    /**
     * Gets one file.
     *
     * @return false when the address is not good, perhaps not any more
     */
    public boolean get(Download.File file, Sink sink) throws InterruptedException {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(file.url())).GET().build();
            HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() == DENIED) {
                    return false;
                }
                if (response.statusCode() != 200) {
                    throw failure(file, "the store answered with status " + response.statusCode(), null);
                }
                sink.take(body);
                return true;
            }
        } catch (IOException | IllegalArgumentException e) {
            throw failure(file, String.valueOf(e.getMessage()), e);
        }
    }

    /** What is told when a file cannot be had. */
    public static Failure failure(Download.File file, String why, @Nullable Throwable cause) {
        return new Failure(
                ExitCode.UNREACHABLE,
                "Download",
                file.path() + " could not be downloaded: " + why,
                "run it again: it continues where it stopped; for a store with a CA of its own give --store-ca-file",
                cause);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
