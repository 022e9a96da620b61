package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.RabbitmqConfig;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.RabbitmqServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The contract against a real RabbitMQ, and what only RabbitMQ has. */
class RabbitmqTest extends ServerContract {
    /** As much as a request may have by the settings of versions before 4. */
    private static final int FEW_BYTES = 8_000_000;

    private static final String PASSWORD = "of the agent: \"quoted\" ü";

    @TempDir
    static Path certificateFolder = Path.of("");

    private Certificates certificates;
    private RabbitmqServer server;
    private HardDefinitions definitions;

    @BeforeAll
    void startServer() {
        certificates = new Certificates(certificateFolder);
        server = RabbitmqServer.start(certificates.server("rabbitmq"));
        definitions = new HardDefinitions(server);
        tag("administrator");
        server.put("permissions/%2F/holdfast", HardDefinitions.ALL_RIGHTS);
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    @Override
    AdapterConfig config() {
        return withPassword(PASSWORD);
    }

    @Override
    AdapterConfig withPassword(String password) {
        return new RabbitmqConfig(
                server.host(), server.port(), "holdfast", password, null, List.of(), Duration.ofMinutes(1));
    }

    private AdapterConfig ofVhosts(String... vhosts) {
        return new RabbitmqConfig(
                server.host(), server.port(), "holdfast", PASSWORD, null, List.of(vhosts), Duration.ofMinutes(1));
    }

    @Override
    @Nullable AdapterConfig withTools(Path folder) {
        return null;
    }

    @Override
    String page() {
        return "rabbitmq";
    }

    @Override
    void fill() {
        definitions.fill();
    }

    @Override
    void change() {
        definitions.change();
    }

    @Override
    void lose() {
        definitions.lose();
    }

    @Override
    String listing() {
        return definitions.listing();
    }

    @Override
    void spoil() {
        server.delete("queues/%2F/quorum");
    }

    @Override
    void garble(Path staged) throws IOException {
        Path file = staged.resolve("definitions.json");
        Files.writeString(file, Files.readString(file).replace("\"max-length\":10,", "\"nonsense\":10,"));
    }

    @Override
    Map<String, String> environmentByHand() {
        return Map.of(
                "RABBITMQ",
                "http://" + server.host() + ":" + server.port(),
                "RABBITMQ_USER",
                RabbitmqServer.ADMIN,
                "RABBITMQ_PASSWORD",
                server.password());
    }

    @Override
    void kill() {
        server.kill();
    }

    @Override
    void restart() {
        server.restart();
    }

    @Override
    void fillLarge() {
        Random random = new Random(1);
        // More than the agent and the sockets hold.
        for (int i = 0; i < 44; i++) {
            putLarge(i, 1_000_000, random);
        }
    }

    private void putLarge(int number, int length, Random random) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        server.put(
                "global-parameters/large" + number,
                "{\"value\": \"" + Base64.getEncoder().encodeToString(bytes) + "\"}");
    }

    @Override
    boolean restoreOnlyAdds() {
        return true;
    }

    @Override
    Writer writer() {
        return new Writer() {
            @Override
            public void write(long number) {
                server.put(
                        "policies/%2F/" + HardDefinitions.LOAD + number,
                        "{\"pattern\": \"^none$\", \"definition\": {\"max-length\": " + number + ", \"expires\": "
                                + number + "}}");
            }

            @Override
            public void close() {
                // One request is one connection.
            }
        };
    }

    @Override
    List<Long> written() {
        return StreamSupport.stream(
                        Json.mapper().readTree(server.get("policies")).spliterator(), false)
                .filter(policy -> policy.path("name").asString().startsWith(HardDefinitions.LOAD))
                .map(policy -> {
                    JsonNode definition = policy.path("definition");
                    assertThat(definition.path("max-length")).isEqualTo(definition.path("expires"));
                    return definition.path("expires").asLong();
                })
                .sorted()
                .toList();
    }

    @Test
    void overTlsOnlyTheRightAuthorityIsTrusted() throws Exception {
        fill();
        String before = listing();
        try (RunningAgent agent = overTls(certificates.caFile())) {
            String backup = backup();
            change();
            manager.orderRestore(backup, 24);
            restored();
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
        Path otherFolder = Files.createDirectory(directory.resolve("other"));
        try (RunningAgent agent = overTls(new Certificates(otherFolder).caFile())) {
            manager.orderBackup();
            assertThat(((JobFailure) manager.report()).code()).isEqualTo(FailureCode.SERVICE_UNREACHABLE);
            assertNothingLeft(agent);
        }
    }

    private RunningAgent overTls(Path ca) throws IOException {
        RabbitmqConfig config = new RabbitmqConfig(
                server.host(), server.tlsPort(), "holdfast", PASSWORD, ca, List.of(), Duration.ofMinutes(1));
        return new RunningAgent(manager, config, directory, CrashPoints.none());
    }

    @Test
    void queueWithOtherArgumentsIsToldAndNothingIsMixed() throws Exception {
        fill();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            change();
            server.put("queues/%2F/q", "{\"durable\": true, \"arguments\": {\"x-max-length\": 3}}");
            String before = listing();
            manager.orderRestore(backup, 24);
            JobFailure failure = failedRestore();
            assertThat(failure.code()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(failure.message()).contains("queue \"q\" in vhost \"/\"", "x-max-length");
            assertThat(failure.hint()).contains("delete it first");
            assertThat(listing()).isEqualTo(before);
            server.delete("queues/%2F/q");
            manager.orderRestore(backup, 24);
            restored();
            assertNothingLeft(agent);
        }
    }

    @Test
    void definitionsLargerThanARequestMayBeComeBackAndAreTakenBack() throws Exception {
        fill();
        server.limitRequests(FEW_BYTES);
        Random random = new Random(1);
        for (int i = 0; i < 7; i++) {
            putLarge(i, 1_000_000, random);
        }
        String before = listing();
        assertThatThrownBy(() -> server.post("definitions", server.get("definitions")))
                .as("all in one request")
                .hasMessageContaining(": 400 ");
        AtomicBoolean spoils = new AtomicBoolean();
        CrashPoints spoiling = point -> {
            if (point == CrashPoint.SWAPPED && spoils.get()) {
                spoil();
            }
        };
        try (RunningAgent agent = agent(spoiling)) {
            String backup = backup();
            lose();
            manager.orderRestore(backup, 24);
            restored();
            assertThat(listing().equals(before)).isTrue();

            change();
            String changed = listing();
            spoils.set(true);
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.VALIDATION_FAILED);
            assertThat(listing().equals(changed)).isTrue();

            server.limitRequests(100_000_000);
            putLarge(0, 6_500_000, random);
            server.limitRequests(FEW_BYTES);
            manager.orderRestore(backup, 24); // it could not be taken back
            JobFailure failure = failedRestore();
            assertThat(failure.code()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(failure.message()).contains("global parameter \"large0\" has 866");
            assertThat(failure.hint()).contains("management.http.max_body_size");
            assertNothingLeft(agent);
        }
    }

    @Test
    void restoreThatFailsBeforeItsImportTakesNothingBack() throws Exception {
        fill();
        CrashPoints demoting = point -> {
            if (point == CrashPoint.LIVE_DATA_CLOSED) {
                tag("monitoring");
                server.delete("policies/%2F/p"); // by somebody else
            }
        };
        try (RunningAgent agent = agent(demoting)) {
            String backup = backup();
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(listing()).doesNotContain("policies {\"vhost\":\"/\",\"name\":\"p\"");
            assertNothingLeft(agent);
        } finally {
            tag("administrator");
        }
    }

    private void tag(String tag) {
        server.put("users/holdfast", "{\"password\": \"of the agent: \\\"quoted\\\" ü\", \"tags\": \"" + tag + "\"}");
    }

    @Test
    void whatTheBackupDoesNotHaveIsLeftAloneAndRemovedAsThePageSays() throws Exception {
        fill();
        String before = listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.put("vhosts/added", "{}");
            server.put("permissions/added/holdfast", HardDefinitions.ALL_RIGHTS);
            server.put("users/added", "{\"password\": \"x\", \"tags\": \"\"}");
            server.put("queues/%2F/added%20%2F", "{\"durable\": true}");
            server.put("exchanges/%2F/added", "{\"type\": \"fanout\"}");
            server.post("bindings/%2F/e/topic/q/q", "{\"routing_key\": \"added / %\", \"arguments\": {\"k\": 1}}");
            server.put("policies/%2F/added", "{\"pattern\": \"x\", \"definition\": {\"max-length\": 1}}");
            server.put("operator-policies/%2F/added", "{\"pattern\": \"x\", \"definition\": {\"max-length\": 1}}");
            server.put("global-parameters/added", "{\"value\": 1}");
            server.put("permissions/empty/app", HardDefinitions.ALL_RIGHTS);
            manager.orderRestore(backup, 24);
            assertThat(restored().leftAlone())
                    .contains(
                            "vhost \"added\"",
                            "user \"added\"",
                            "queue \"added /\" in vhost \"/\"",
                            "exchange \"added\" in vhost \"/\"",
                            "policy \"added\" in vhost \"/\"",
                            "binding of \"topic\" to queue \"q\" by \"added / %\" in vhost \"/\"");
            assertNothingLeft(agent);
            byHand(backup, "## Removing what the backup does not have");
        }
        assertThat(listing()).isEqualTo(before);
    }

    @Test
    void chosenVhostsComeBackWithTheirUsersAndTheOthersAreLeftAlone() throws Exception {
        fill();
        String whole = listing();
        try (RunningAgent agent =
                new RunningAgent(manager, ofVhosts("v/1 %2F ü", "empty"), directory, CrashPoints.none())) {
            String backup = backup();
            assertThat(manager.result(backup).facts())
                    .containsEntry("vhosts", 2L)
                    .containsEntry("users", 5L) // with the agent's own and the administrator
                    .containsEntry("queues", 2L)
                    .containsEntry("exchanges", 1L)
                    .containsEntry("bindings", 1L)
                    .containsEntry("global_parameters", 0L);
            server.delete("vhosts/v%2F1%20%252F%20%C3%BC");
            server.delete("users/M%C3%BCller%20%22q%22%20%2F%20x");
            server.put("policies/%2F/p", "{\"pattern\": \".*\", \"definition\": {\"max-length\": 11}}");
            manager.orderRestore(backup, 24);
            restored();
            assertNothingLeft(agent);
        }
        assertThat(listing()).isNotEqualTo(whole);
        definitions.add(); // the policy that was another vhost's
        assertThat(listing()).isEqualTo(whole);
        try (RunningAgent agent = new RunningAgent(manager, ofVhosts("/", "none"), directory, CrashPoints.none())) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.DUMP_FAILED);
            assertThat(failure.message()).contains("[none]");
            assertNothingLeft(agent);
        }
    }

    @Test
    void userWithoutRightsIsRefused() throws Exception {
        fill();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.put("permissions/empty/holdfast", "{\"configure\": \"\", \"write\": \"\", \"read\": \"\"}");
            manager.orderRestore(backup, 24);
            JobFailure restore = failedRestore();
            assertThat(restore.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(restore.message()).contains("[empty]");
            tag("monitoring");
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(failure.message()).contains("administrator");
            assertNothingLeft(agent);
        } finally {
            tag("administrator");
        }
    }
}
