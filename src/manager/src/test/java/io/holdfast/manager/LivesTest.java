package io.holdfast.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Instances are registered, deleted, made anew and given away by brokers, operators and agents, on the real listeners. */
class LivesTest {
    private static final String PASSPHRASE = "correct horse battery staple";
    private static final String HELLO =
            "{\"session\":\"s1\",\"service\":\"redis\",\"version\":\"1\",\"host\":\"h\",\"tools\":[],\"warnings\":[],"
                    + "\"protocol\":3,\"capabilities\":[\"backup\",\"restore\",\"format_2\"]}";

    @TempDir
    static Path folder;

    private static RunningManager running;

    @BeforeAll
    static void start() throws Exception {
        running = new RunningManager(folder);
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    private static HttpResponse<String> send(String by, String method, String path, String body) throws Exception {
        return running.send(method, path, body, RunningManager.basic(by));
    }

    private static HttpResponse<String> put(String by, String id, String body) throws Exception {
        return send(by, "PUT", "/instances/" + id, body);
    }

    private static HttpResponse<String> delete(String by, String id, boolean withBackups) throws Exception {
        return send(by, "DELETE", "/instances/" + id, "{\"delete_backups\": " + withBackups + "}");
    }

    private static HttpResponse<String> hello(String id) throws Exception {
        try (HttpClient agent = running.agent(id)) {
            return agent.send(
                    RunningManager.request(running.agentsPort, "POST", "/agent/v1/hello", HELLO, Map.of())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return Json.mapper().readTree(answer.body());
    }

    private static JsonNode instance(String by, String id) throws Exception {
        HttpResponse<String> answer = send(by, "GET", "/instances/" + id, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer);
    }

    private static void assertTaken(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
        assertThat(json(answer).path("error").asString()).isEqualTo("InstanceTaken");
        assertThat(json(answer).path("hint").asString()).contains("operator");
    }

    @Test
    void a1_aNewLifeHasNothingOfTheOneBefore() throws Exception {
        put(
                "broker-1",
                "a1",
                "{\"service\":\"redis\",\"exclude_from_auto_backup\":true,\"encryption_key\":\"" + PASSPHRASE
                        + "\",\"custody\":\"user\",\"confirm_custody\":true}");
        JsonNode before = instance("broker-1", "a1");
        assertThat(before.path("passphrase").path("custody").asString()).isEqualTo("user");
        String recipient = json(send("broker-1", "GET", "/instances/a1/keys", ""))
                .get(0)
                .path("recipient")
                .asString();
        assertThat(delete("broker-1", "a1", true).statusCode()).isEqualTo(200);
        assertThat(put("broker-1", "a1", "{}").statusCode()).isEqualTo(201);
        JsonNode anew = instance("broker-1", "a1");
        assertThat(anew.path("passphrase").path("custody").asString()).isEqualTo("managed");
        assertThat(anew.path("passphrase").path("set").asBoolean()).isFalse();
        assertThat(anew.path("exclude_from_auto_backup").asBoolean()).isFalse();
        assertThat(anew.path("id").asLong()).isNotEqualTo(before.path("id").asLong());
        assertThat(json(send("broker-1", "GET", "/instances/a1/keys", ""))).isEmpty();
        HttpResponse<String> key = send("broker-1", "POST", "/instances/a1/keys", "");
        assertThat(key.statusCode()).isEqualTo(201);
        assertThat(json(key).path("version").asInt())
                .as("no number is given twice")
                .isEqualTo(2);
        assertThat(json(key).path("recipient").asString()).isNotEqualTo(recipient);
    }

    @Test
    void a2_aHelloDoesNotUndoADeletionAndTheOwnerStays() throws Exception {
        put("broker-1", "a2", "{}");
        assertThat(hello("a2").statusCode()).isEqualTo(200);
        for (boolean withBackups : new boolean[] {false, true}) {
            assertThat(delete("broker-1", "a2", withBackups).statusCode()).isEqualTo(200);
            HttpResponse<String> refused = hello("a2");
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(json(refused).path("error").asString()).isEqualTo("InstanceDeleted");
            assertThat(json(refused).path("hint").asString()).contains("PUT /instances/a2");
            assertThat(send("broker-1", "GET", "/instances/a2", "").statusCode())
                    .isEqualTo(404);
            assertTaken(put("broker-2", "a2", "{}"));
            assertThat(put("broker-1", "a2", "{}").statusCode()).isEqualTo(201);
            assertThat(hello("a2").statusCode()).isEqualTo(200);
        }
        assertThat(delete("admin", "a2", true).statusCode()).isEqualTo(200);
        assertThat(put("admin", "a2", "{}").statusCode()).isEqualTo(201);
        assertThat(instance("broker-1", "a2").path("owner").asString())
                .as("an operator's registration takes nobody anything")
                .isEqualTo("broker-1");
    }

    @Test
    void a7_anIdOfSomebodyElseIs409AndOperatorsSeeTheOwnerAndHandOver() throws Exception {
        put("broker-1", "a7", "{}");
        assertTaken(put("broker-2", "a7", "{}"));
        assertThat(instance("admin", "a7").path("owner").asString()).isEqualTo("broker-1");
        assertThat(send("broker-1", "PUT", "/instances/a7/owner", "{\"owner\": \"broker-2\"}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(send("admin", "PUT", "/instances/a7/owner", "{\"owner\": \"nobody-known\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(send("admin", "PUT", "/instances/a7/owner", "{\"owner\": \"broker-2\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(put("broker-2", "a7", "{}").statusCode()).isEqualTo(200);
        assertThat(send("broker-1", "GET", "/instances/a7", "").statusCode()).isEqualTo(404);

        HttpResponse<String> renamed = send("admin", "POST", "/owners/broker-2/hand-over", "{\"to\": \"broker-1\"}");
        assertThat(renamed.statusCode()).as(renamed.body()).isEqualTo(200);
        assertThat(json(renamed).path("instances").asInt()).isPositive();
        assertThat(instance("broker-1", "a7").path("owner").asString()).isEqualTo("broker-1");
        assertThat(send("broker-1", "POST", "/owners/broker-2/hand-over", "{\"to\": \"broker-1\"}")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void s6_whatNobodyHasRegisteredIsABrokersOnlyWhileThereIsNothingToTakeOver() throws Exception {
        hello("s6-empty");
        hello("s6-used");
        assertThat(put("admin", "s6-used", "{\"encryption_key\":\"" + PASSPHRASE + "\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(put("broker-2", "s6-empty", "{}").statusCode()).isEqualTo(200);
        assertTaken(put("broker-1", "s6-empty", "{}"));
        assertTaken(put("broker-2", "s6-used", "{}"));
        assertThat(send("admin", "PUT", "/instances/s6-used/owner", "{\"owner\": \"broker-2\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(put("broker-2", "s6-used", "{}").statusCode()).isEqualTo(200);
    }

    @Test
    void s6_aBrokerWithAPrefixHasThoseIdsAloneAndTakesThem() throws Exception {
        assertThat(put("broker-3", "someone-elses", "{}").statusCode()).isEqualTo(403);
        assertThat(put("broker-3", "third-1", "{}").statusCode()).isEqualTo(201);
        hello("third-2");
        put("admin", "third-2", "{\"encryption_key\":\"" + PASSPHRASE + "\"}");
        assertThat(put("broker-3", "third-2", "{}").statusCode()).isEqualTo(200);
        assertThat(instance("admin", "third-2").path("owner").asString()).isEqualTo("broker-3");
    }

    @Test
    void theNameOfTheManagersOwnStateIsNoInstances() throws Exception {
        assertThat(put("broker-1", "manager", "{}").statusCode()).isEqualTo(400);
        assertThat(put("admin", "manager", "{}").statusCode()).isEqualTo(400);
        assertThat(hello("manager").statusCode()).isEqualTo(403);
    }

    @Test
    void s8_keyVersionsThatNoBackupUsesAreLimited() throws Exception {
        put("broker-1", "s8", "{\"encryption_key\":\"" + PASSPHRASE + "\"}");
        List<Integer> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            answers.add(send("broker-1", "POST", "/instances/s8/keys", "{\"encryption_key\":\"" + PASSPHRASE + "\"}")
                    .statusCode());
        }
        assertThat(answers).containsExactly(201, 201, 201, 201, 409, 409);
    }
}
