package io.holdfast.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guessing passwords, on the real listener: it ends soon, everywhere. */
class WrongPasswordsTest {
    private static final int MOST = 100;

    @TempDir
    Path folder;

    private RunningManager running;
    private HttpClient client;

    @BeforeEach
    void start() throws IOException {
        running = new RunningManager(folder);
        client = HttpClient.newBuilder()
                .sslContext(running.certificates.trustingContext())
                .build();
    }

    @AfterEach
    void stop() {
        client.close();
        running.close();
    }

    private int status(String path, String name, String password) throws IOException, InterruptedException {
        String credentials =
                Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
        return client.send(
                        HttpRequest.newBuilder(URI.create(running.url() + path))
                                .header("Authorization", "Basic " + credentials)
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void s12_guessesEndAtTheMetricsAsAtTheApi() throws Exception {
        for (String[] where : new String[][] {{"/metrics", "metrics"}, {"/instances", "admin"}}) {
            assertThat(status(where[0], where[1], RunningManager.PASSWORD)).isEqualTo(200);
            int refused = 0;
            for (int i = 0; i < 2 * MOST; i++) {
                int status = status(where[0], where[1], "guess " + i);
                assertThat(status).isIn(401, 429);
                refused += status == 429 ? 1 : 0;
            }
            assertThat(refused).as(where[0]).isGreaterThan(MOST / 2);
            assertThat(status(where[0], where[1], RunningManager.PASSWORD)).isIn(200, 429);
            assertThat(status(where[0], "somebody else", "guess")).isEqualTo(401);
        }
    }
}
