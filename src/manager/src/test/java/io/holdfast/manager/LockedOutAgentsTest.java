package io.holdfast.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import io.holdfast.manager.agents.AgentCertificate;
import io.holdfast.protocol.tls.TlsContexts;
import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Agents that do not obey, or are not to be let in any more, at a whole manager that lets one job run at once. */
class LockedOutAgentsTest {
    private static final String MEMORY =
            "{\"resident_bytes\":1,\"resident_with_children_bytes\":1,\"heap_bytes\":1,\"direct_bytes\":1}";
    private static final String REASON = "{\"reason\": \"its laptop was stolen\"}";
    private static final int LONG_POLL_SECONDS = 60;

    @TempDir
    static Path folder;

    private static RunningManager running;

    /** An agent that says what a test wants. */
    private static final class Agent {
        private final String instance;
        private final AgentCertificate certificate;
        private final HttpClient client;

        Agent(String instance) throws IOException, GeneralSecurityException {
            this(instance, running.certificates.agent(instance, 0));
        }

        Agent(String instance, Certificates.Issued issued) throws IOException, GeneralSecurityException {
            this.instance = instance;
            this.client = HttpClient.newBuilder()
                    .sslContext(TlsContexts.mutual(
                            running.certificates.caFile(), issued.certificateFile(), issued.privateKeyFile()))
                    .build();
            try (var in = Files.newInputStream(issued.certificateFile())) {
                this.certificate = AgentCertificate.of((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(in));
            }
        }

        HttpRequest request(String path, String body) {
            return HttpRequest.newBuilder(URI.create("https://localhost:" + running.agentsPort + "/agent/v1/" + path))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
        }

        HttpResponse<String> send(String path, String body) throws IOException, InterruptedException {
            return client.send(request(path, body), HttpResponse.BodyHandlers.ofString());
        }

        HttpResponse<String> hello() throws IOException, InterruptedException {
            return send(
                    "hello",
                    "{\"session\":\"s-" + instance
                            + "\",\"service\":\"postgresql\",\"version\":\"1\",\"host\":\"db-1\","
                            + "\"tools\":[],\"warnings\":[],\"protocol\":3,"
                            + "\"capabilities\":[\"backup\",\"restore\",\"format_2\"]}");
        }

        String claim(int seconds) {
            return "{\"session\":\"s-" + instance + "\",\"wait_seconds\":" + seconds + ",\"memory\":" + MEMORY + "}";
        }

        HttpResponse<String> beat(JsonNode job, String phase) throws IOException, InterruptedException {
            return send(
                    "jobs/" + job.get("job_id").longValue() + "/heartbeat",
                    "{\"epoch\":" + job.get("epoch").intValue() + ",\"phase\":\"" + phase
                            + "\",\"bytes_in\":1,\"bytes_out\":1,\"memory\":" + MEMORY + "}");
        }
    }

    @BeforeAll
    static void start() throws IOException {
        running = new RunningManager(
                folder, Map.of("jobs", Map.of("lease_seconds", 2, "heartbeat_seconds", 1, "max_running", 1)));
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    private static HttpResponse<String> operator(String method, String path, String body)
            throws IOException, InterruptedException {
        String credentials = "admin:" + RunningManager.PASSWORD;
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(running.certificates.trustingContext())
                .build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(running.url() + path))
                            .header("Content-Type", "application/json")
                            .header(
                                    "Authorization",
                                    "Basic "
                                            + Base64.getEncoder()
                                                    .encodeToString(credentials.getBytes(StandardCharsets.UTF_8)))
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return Json.mapper().readTree(answer.body());
    }

    @Test
    void s7_anAgentThatIgnoresItsCancelLosesTheJobAndItsPlace() throws Exception {
        Agent stubborn = new Agent("stubborn");
        Agent other = new Agent("other");
        assertThat(stubborn.hello().statusCode()).isEqualTo(200);
        assertThat(other.hello().statusCode()).isEqualTo(200);
        String backup = "/instances/stubborn/backups/"
                + json(operator("POST", "/instances/stubborn/backups", "{}")).get("id");
        JsonNode job = json(stubborn.send("claim", stubborn.claim(20)));
        assertThat(stubborn.beat(job, "dumping").statusCode()).isEqualTo(200);
        assertThat(operator("POST", "/instances/other/backups", "{}").statusCode())
                .isEqualTo(201);
        assertThat(other.send("claim", other.claim(0)).statusCode()).isEqualTo(204);

        // That its instance is paused changes nothing.
        assertThat(operator("PUT", "/instances/stubborn/pause", REASON).statusCode())
                .isEqualTo(200);
        assertThat(operator("POST", backup + "/cancel", "").statusCode()).isEqualTo(202);
        HttpResponse<String> beat = stubborn.beat(job, "swapping");
        assertThat(json(beat).get("cancel").booleanValue()).isTrue();
        while (beat.statusCode() == 200) {
            Thread.sleep(100);
            beat = stubborn.beat(job, "dumping");
        }
        assertThat(beat.statusCode()).isEqualTo(409);
        JsonNode ended = json(operator("GET", backup, ""));
        assertThat(ended.get("status").asString()).isEqualTo("failed");
        assertThat(ended.get("reason").get("code").asString()).isEqualTo("CANCELLED");
        assertThat(ended.get("reason").get("message").asString()).contains("did not stop");
        JsonNode next = json(other.send("claim", other.claim(20)));
        assertThat(next.get("job_id").longValue())
                .isNotEqualTo(job.get("job_id").longValue());
        other.send(
                "jobs/" + next.get("job_id").longValue() + "/fail",
                "{\"epoch\":1,\"code\":\"TOOL_MISSING\",\"message\":\"the test is over\"}");
    }

    @Test
    void s7_whoIsRefusedLosesItsLongPollAndGetsNothingMore() throws Exception {
        for (String kind : List.of("instance", "serial", "fingerprint")) {
            Agent stolen = new Agent("stolen-" + kind);
            Agent other = new Agent("beside-" + kind);
            assertThat(stolen.hello().statusCode()).isEqualTo(200);
            assertThat(other.hello().statusCode()).isEqualTo(200);
            CompletableFuture<HttpResponse<String>> poll = stolen.client.sendAsync(
                    stolen.request("claim", stolen.claim(LONG_POLL_SECONDS)), HttpResponse.BodyHandlers.ofString());
            String value = switch (kind) {
                case "instance" -> stolen.instance;
                // As openssl prints them.
                case "serial" -> "0" + stolen.certificate.serial().toUpperCase(Locale.ROOT);
                default -> stolen.certificate.sha256().replaceAll("(..)(?=.)", "$1:");
            };
            String path = "/agents/refused/" + kind + "/" + value;
            long begin = System.nanoTime();
            assertThat(operator("PUT", path, REASON).statusCode()).isEqualTo(200);

            // 403 when the machine is so busy that the poll comes after the refusal.
            assertThat(poll.get().statusCode()).as(kind).isIn(409, 403);
            assertThat(System.nanoTime() - begin).isLessThan(LONG_POLL_SECONDS / 2 * 1_000_000_000L);
            for (HttpResponse<String> answer : List.of(stolen.hello(), stolen.send("claim", stolen.claim(0)))) {
                assertThat(answer.statusCode()).isEqualTo(403);
                assertThat(answer.body()).contains("AgentRefused", "\"hint\":").doesNotContain("laptop");
            }
            assertThat(other.send("claim", other.claim(0)).statusCode()).isEqualTo(204);
            JsonNode agents = json(operator("GET", "/agents", ""));
            assertThat(agents.valueStream()
                            .filter(each -> each.get("refused").booleanValue())
                            .map(each -> each.get("instance_id").asString()))
                    .containsExactly(stolen.instance);
            JsonNode refused = json(operator("GET", "/agents/refused", "")).get(0);
            assertThat(refused.get("reason").asString()).isEqualTo("its laptop was stolen");
            assertThat(refused.get("refused_by").asString()).isEqualTo("admin");

            // Where the certificate alone is refused, the instance comes back with a new one.
            assertThat(new Agent(stolen.instance).hello().statusCode()).isEqualTo(kind.equals("instance") ? 403 : 200);
            assertThat(operator("DELETE", path, "").statusCode()).isEqualTo(200);
            assertThat(stolen.hello().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void s7_aJobOfWhoIsRefusedIsLostAtOnce() throws Exception {
        Agent stolen = new Agent("stolen-at-work");
        assertThat(stolen.hello().statusCode()).isEqualTo(200);
        String backup = "/instances/stolen-at-work/backups/"
                + json(operator("POST", "/instances/stolen-at-work/backups", "{}"))
                        .get("id");
        JsonNode job = json(stolen.send("claim", stolen.claim(20)));
        assertThat(stolen.beat(job, "dumping").statusCode()).isEqualTo(200);
        assertThat(operator("PUT", "/agents/refused/serial/" + stolen.certificate.serial(), REASON)
                        .statusCode())
                .isEqualTo(200);
        assertThat(stolen.beat(job, "dumping").statusCode()).isEqualTo(403);
        JsonNode lost = json(operator("GET", backup, ""));
        assertThat(lost.get("status").asString()).isEqualTo("queued");
        assertThat(lost.get("reason").get("code").asString()).isEqualTo("AGENT_LOST");
        assertThat(operator("POST", backup + "/cancel", "").statusCode()).isEqualTo(202);
    }

    @Test
    void s14_certificatesThatAreNotMadeForClientsAreRefused() throws Exception {
        for (Certificates.Purpose purpose : Certificates.Purpose.values()) {
            HttpResponse<String> answer = new Agent("shop-1", running.certificates.agentFor(purpose, "shop-1")).hello();
            assertThat(answer.statusCode()).as(purpose.name()).isEqualTo(401);
            assertThat(answer.body()).contains("CertificateRefused", "\"hint\":");
        }
        assertThat(new Agent("shop-1").hello().statusCode()).isEqualTo(200);
    }

    @Test
    void s7_refusalsThatMakeNoSenseAreRefused() throws Exception {
        for (String path : List.of("serial/xyz", "serial/" + "1".repeat(41), "fingerprint/12", "instance/.a")) {
            assertThat(operator("PUT", "/agents/refused/" + path, REASON).statusCode())
                    .as(path)
                    .isEqualTo(400);
        }
        assertThat(operator("PUT", "/agents/refused/name/x", REASON).statusCode())
                .isEqualTo(404);
        assertThat(operator("PUT", "/agents/refused/serial/1", "{}").statusCode())
                .isEqualTo(400);
    }
}
