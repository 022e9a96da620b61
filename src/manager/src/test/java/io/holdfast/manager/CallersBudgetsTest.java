package io.holdfast.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What service brokers and app developers may have the platform do for them, at a whole manager. */
class CallersBudgetsTest {
    private static final String INSTANCE = "/instances/shop-1";

    @TempDir
    static Path folder;

    private static RunningManager running;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        running = new RunningManager(folder);
        client = HttpClient.newBuilder()
                .sslContext(running.certificates.trustingContext())
                .build();
        running.cloud.allow("alice", "shop-1", true, true);
        assertThat(send("broker-1", "PUT", INSTANCE, "{}").statusCode()).isEqualTo(201);
    }

    @AfterAll
    static void stop() {
        client.close();
        running.close();
    }

    /** As one of the users of the configuration, or as a developer. */
    private static HttpResponse<String> send(String user, String method, String path, String body)
            throws IOException, InterruptedException {
        String authorization = user.equals("alice")
                ? "bearer "
                        + Json.mapper()
                                .readTree(running.openid.tokens(user))
                                .get("access_token")
                                .asString()
                : "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        (user + ":" + RunningManager.PASSWORD).getBytes(StandardCharsets.UTF_8));
        return client.send(
                HttpRequest.newBuilder(URI.create(running.url() + path))
                        .header("Content-Type", "application/json")
                        .header("Authorization", authorization)
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String schedule(String cron) {
        return "{\"schedule\": {\"cron\": \"" + cron + "\"}}";
    }

    @Test
    void s14_schedulesOfTenantsAreNotForEachMinute() throws Exception {
        for (String cron : List.of("* * * * *", "*/10 * * * *", "0,7 3 * * *", "0,1 0 29 2 *", "58,2 * * * *")) {
            for (String user : List.of("broker-1", "alice")) {
                String path = user.equals("alice") ? "/v1" + INSTANCE : INSTANCE;
                HttpResponse<String> answer = send(user, "PUT", path, schedule(cron));
                assertThat(answer.statusCode()).as(user + " " + cron).isEqualTo(400);
                assertThat(answer.body()).contains("schedule.cron", "15 minutes");
            }
            assertThat(send("admin", "PUT", INSTANCE, schedule(cron)).statusCode())
                    .isEqualTo(200);
        }
        for (String cron : List.of("*/15 * * * *", "0 3 * * *", "0,15 0 29 2 *")) {
            assertThat(send("broker-1", "PUT", INSTANCE, schedule(cron)).statusCode())
                    .as(cron)
                    .isEqualTo(200);
        }
    }

    @Test
    void a5_backupsThatNobodyTakesAreOneAndADeletionEndsThem() throws Exception {
        assertThat(send("broker-1", "PUT", "/instances/shop-2", "{}").statusCode())
                .isEqualTo(201);
        JsonNode first = null;
        for (int i = 0; i < 20; i++) {
            HttpResponse<String> answer = i % 2 == 0
                    ? send("broker-1", "POST", "/instances/shop-2/backups", "")
                    : send("broker-1", "POST", "/backup_agent/backup", "{\"instance_guid\": \"shop-2\"}");
            assertThat(answer.statusCode()).isEqualTo(201);
            JsonNode id = Json.mapper().readTree(answer.body()).get("id");
            first = first == null ? id : first;
            assertThat(id).isEqualTo(first);
        }
        assertThat(send("broker-1", "DELETE", "/instances/shop-2", "{\"delete_backups\": true}")
                        .statusCode())
                .isEqualTo(423);
        assertThat(send("broker-2", "POST", "/instances/shop-2/cancel", "").statusCode())
                .isEqualTo(404);
        assertThat(send("broker-1", "DELETE", "/instances/shop-2", "{\"delete_backups\": true, \"cancel_jobs\": true}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void a5_allJobsAreCancelledWithOneCall() throws Exception {
        assertThat(send("broker-1", "PUT", "/instances/shop-3", "{}").statusCode())
                .isEqualTo(201);
        assertThat(send("broker-1", "POST", "/instances/shop-3/backups", "").statusCode())
                .isEqualTo(201);
        HttpResponse<String> answer = send("broker-1", "POST", "/instances/shop-3/cancel", "");
        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(Json.mapper().readTree(answer.body()).get("jobs").intValue()).isOne();
        assertThat(send("broker-1", "POST", "/instances/shop-3/cancel", "").body())
                .contains("\"jobs\":0");
    }
}
