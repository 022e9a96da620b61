package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.CutOver;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Phase;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.protocol.SegmentDownloads;
import io.holdfast.protocol.SegmentUploads;
import io.holdfast.protocol.tls.TlsContexts;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Two agents of one instance and one job: the one that was given up changes nothing any more. */
class FencingTest {
    private static final String INSTANCE = "shop-1";
    private static final int FIRST = 1;

    @Test
    void dl11_agentThatWakesAfterItsLeaseChangesNothing() throws Exception {
        try (PostgresCluster cluster = PostgresCluster.start();
                Landscape landscape = new Landscape()) {
            cluster.psql("postgres", "CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) i");
            Map<String, Object> adapter = landscape.adapter(cluster);
            HeldTools toolsOfA = new HeldTools(landscape.folder().resolve("tools-a"), cluster);
            HeldTools toolsOfB = new HeldTools(landscape.folder().resolve("tools-b"), cluster);
            Leftovers leftovers = new Leftovers(landscape, INSTANCE, cluster);
            Api api = landscape.api();
            landscape.startManager();

            JavaProcess a = landscape.startAgent(INSTANCE, 0, toolsOfA.adapter(adapter));
            toolsOfA.hold("pg_dump");
            landscape.awaitAgent(INSTANCE);
            long backup = api.startBackup(INSTANCE);
            toolsOfA.awaitHeld("pg_dump", landscape);
            a.signal("STOP");
            toolsOfB.hold("pg_dump");
            JavaProcess b = landscape.startAgent(INSTANCE, 1, toolsOfB.adapter(adapter));
            toolsOfB.awaitHeld("pg_dump", landscape);

            JsonNode before = api.backup(INSTANCE, backup);
            assertThat(before.get("attempts").intValue()).isEqualTo(2);
            everyCallOfTheFirstAttemptIsFenced(landscape);
            JsonNode after = api.backup(INSTANCE, backup);
            assertThat(List.of(after.get("status"), after.get("state"), after.get("attempts")))
                    .isEqualTo(List.of(before.get("status"), before.get("state"), before.get("attempts")));

            // Both are in the middle of their dump, and A learns only now that its time is over.
            a.signal("CONT");
            Eventually.within(
                    Duration.ofSeconds(10),
                    () -> "A has stopped and B has not\n" + leftovers.processes() + landscape.logs(),
                    () -> leftovers.processes().size() == 1 && a.log().contains("the job is no longer this agent's"));
            assertThat(a.log()).contains("Fenced").contains("the lease is lost");

            toolsOfB.release("pg_dump");
            JsonNode made = api.awaitBackup(INSTANCE, backup);
            assertThat(made.get("status").asString())
                    .as(made + landscape.logs())
                    .isEqualTo("done");
            assertThat(made.get("attempts").intValue()).isEqualTo(2);
            assertThat(b.log()).contains("attempt 2: done");
            assertThat(a.isAlive()).isTrue();

            leftovers.awaitNone(Duration.ofMinutes(2));
            assertThat(api.get("/instances/" + INSTANCE + "/backups").json()).hasSize(1);
            assertThat(api.post("/instances/" + INSTANCE + "/backups/" + backup + "/verify")
                            .status())
                    .isEqualTo(202);
            api.await(
                    "/instances/" + INSTANCE + "/backups/" + backup,
                    each -> each.get("verification").get("state").asString().equals("passed"));
        }
    }

    @Test
    void dl17_aReportWhoseAnswerWasLostIsTakenAgainAndCountsOnce() {
        try (Landscape landscape = new Landscape().with("lease_seconds", 60)) {
            JavaProcess manager = landscape.startManager();
            Api api = landscape.api();
            AgentClient agent = new AgentClient(landscape, INSTANCE);
            assertThat(api.send("PUT", "/instances/" + INSTANCE, "").status()).isEqualTo(201);
            long backup = api.startBackup(INSTANCE);
            JsonNode job = agent.claimJob();
            String report = agent.uploadBackup(job);
            String complete = AgentClient.path(job, "backup-complete");

            assertThat(agent.post(complete, report).status()).isEqualTo(204);
            manager.kill();
            landscape.startManager();
            assertThat(agent.post(complete, report).status()).isEqualTo(204);
            JsonNode made = api.awaitBackup(INSTANCE, backup);
            assertThat(agent.post(complete, report).status())
                    .as("also when it is done")
                    .isEqualTo(204);

            assertThat(made.get("status").asString())
                    .as(made + landscape.logs())
                    .isEqualTo("done");
            assertThat(made.get("attempts").intValue()).isEqualTo(1);
            assertThat(api.get("/instances/" + INSTANCE + "/backups").json()).hasSize(1);
            assertThat(landscape.stored("/manifest.json").stream()
                            .filter(file -> file.toString().contains("/backups/")))
                    .hasSize(1);
        }
    }

    private static void everyCallOfTheFirstAttemptIsFenced(Landscape landscape) throws Exception {
        Certificates.Issued identity = landscape.certificates().agent(INSTANCE, 0);
        AgentMemory memory = new AgentMemory(1, 1, 1, 1, null);
        BackupResult.Artifact artifact = new BackupResult.Artifact("globals", "globals", "globals", 1, 512 * 1024, 1);
        SegmentUploads.Segment segment = new SegmentUploads.Segment(
                0,
                "globals",
                0,
                "00".repeat(32),
                100,
                "00".repeat(32),
                "1B2M2Y8AsgTpgAmY7PhCfg==",
                "A".repeat(43),
                "A".repeat(43));
        Map<String, Object> calls = new LinkedHashMap<>();
        calls.put("heartbeat", new Heartbeat(FIRST, Phase.DUMPING, null, 1, 1, null, memory));
        calls.put("cut-over", new CutOver(FIRST));
        calls.put("uploads", new SegmentUploads(FIRST, List.of(segment)));
        calls.put("downloads", new SegmentDownloads(FIRST, 0, 1));
        calls.put("backup-complete", new BackupResult(FIRST, "16.1", List.of(artifact), Map.of(), List.of()));
        calls.put("restore-complete", new RestoreResult(FIRST, List.of(), List.of(), List.of(), List.of()));
        calls.put("fail", new JobFailure(FIRST, FailureCode.DUMP_FAILED, "stale", null, null));
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(TlsContexts.mutual(
                        landscape.certificates().caFile(), identity.certificateFile(), identity.privateKeyFile()))
                .version(HttpClient.Version.HTTP_1_1)
                .build()) {
            for (Map.Entry<String, Object> call : calls.entrySet()) {
                HttpResponse<String> answer = post(client, landscape, call.getKey(), call.getValue());
                assertThat(answer.statusCode())
                        .as(call.getKey() + ": " + answer.body())
                        .isEqualTo(409);
                assertThat(Json.mapper().readTree(answer.body()).get("error").asString())
                        .as(call.getKey())
                        .isEqualTo("Fenced");
            }
        }
    }

    private static HttpResponse<String> post(HttpClient client, Landscape landscape, String call, Object body)
            throws IOException, InterruptedException {
        // The first job of a new manager.
        return client.send(
                HttpRequest.newBuilder(landscape.agentsUri().resolve("/agent/v1/jobs/1/" + call))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(
                                Json.mapper().writeValueAsBytes(body)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
