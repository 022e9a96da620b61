package io.holdfast.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The dashboard's forms for a backup and for a restore: they do what the API does, for a page of the session alone. */
class RequestFormsTest {
    @TempDir
    Path folder;

    private RunningManager running;
    private Map<String, String> session;

    @BeforeEach
    void start() throws Exception {
        running = new RunningManager(folder);
        session = new HashMap<>(running.operatorsSession());
        session.put("Content-Type", "application/x-www-form-urlencoded");
        assertThat(running.send("PUT", "/instances/shop-1", "{}", RunningManager.basic("admin"))
                        .statusCode())
                .isEqualTo(201);
    }

    @AfterEach
    void stop() {
        running.close();
    }

    private HttpResponse<String> post(String path, String form) throws Exception {
        return running.send("POST", path, form, session);
    }

    private JsonNode jobs() throws Exception {
        return Json.mapper()
                .readTree(running.send("GET", "/queue", "", RunningManager.basic("admin"))
                        .body())
                .path("jobs");
    }

    @Test
    void aBackupIsQueuedOnceAndThePageFollows() throws Exception {
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> answer = post("/i/shop-1/backups", "");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
            assertThat(answer.headers().firstValue("Location")).contains("/i/shop-1");
            assertThat(jobs()).hasSize(1);
        }
    }

    @Test
    void withoutTheSessionsTokenNothingHappens() throws Exception {
        session.remove("X-CSRF-Token");
        for (String path : new String[] {"/i/shop-1/backups", "/i/shop-1/backups/1/restore"}) {
            assertThat(post(path, "confirm_instance=shop-1").statusCode())
                    .as(path)
                    .isEqualTo(403);
        }
        assertThat(jobs()).isEmpty();
    }

    @Test
    void aRestoreWantsTheInstancesNameAndABackupThatIsThere() throws Exception {
        post("/i/shop-1/backups", "");
        String restore = "/i/shop-1/backups/1/restore";
        for (String typed : new String[] {"", "confirm_instance=", "confirm_instance=shop-2"}) {
            HttpResponse<String> answer = post(restore, typed);
            assertThat(answer.statusCode()).as(typed).isEqualTo(400);
            assertThat(answer.body()).as(typed).contains("what was typed is not the name");
        }
        HttpResponse<String> unfinished = post(restore, "confirm_instance=+shop-1+");
        assertThat(unfinished.body()).contains("BackupNonRestorableState", "the backup is not finished");
        assertThat(post("/i/shop-1/backups/2/restore", "confirm_instance=shop-1")
                        .statusCode())
                .isEqualTo(404);
        assertThat(jobs()).hasSize(1);
    }

    @Test
    void aDeletedInstanceGetsNeither() throws Exception {
        post("/i/shop-1/backups", "");
        assertThat(running.send(
                                "DELETE",
                                "/instances/shop-1",
                                "{\"delete_backups\": false, \"cancel_jobs\": true}",
                                RunningManager.basic("admin"))
                        .statusCode())
                .isEqualTo(200);
        for (String path : new String[] {"/i/shop-1/backups", "/i/shop-1/backups/1/restore"}) {
            assertThat(post(path, "confirm_instance=shop-1").statusCode())
                    .as(path)
                    .isIn(404, 409);
        }
    }
}
