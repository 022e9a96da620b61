package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.RabbitmqConfig;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.RabbitmqServer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The contract against a real RabbitMQ, and what only RabbitMQ has. */
class RabbitmqTest extends ServerContract {
    private static final String PASSWORD = "of the agent: \"quoted\" ü";
    private static final String ALL_RIGHTS = "{\"configure\": \".*\", \"write\": \".*\", \"read\": \".*\"}";
    private static final String LOAD = "load-";

    private static final String CONTENT = """
            {
              "users": [
                {"name": "app", "password_hash": "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR", "hashing_algorithm":
                  "rabbit_password_hashing_sha256", "tags": ["monitoring"], "limits": {"max-connections": 100}},
                {"name": "Müller \\"q\\" / x", "password_hash": "", "hashing_algorithm":
                  "rabbit_password_hashing_sha512", "tags": [], "limits": {}},
                {"name": "topics", "password_hash": "", "hashing_algorithm":
                  "rabbit_password_hashing_sha256", "tags": [], "limits": {}}],
              "vhosts": [{"name": "v/1 %2F ü"}, {"name": "empty"}],
              "permissions": [
                {"user": "app", "vhost": "v/1 %2F ü", "configure": "^$", "write": "a|b", "read": ".*"},
                {"user": "app", "vhost": "/", "configure": "", "write": "", "read": ".*"},
                {"user": "Müller \\"q\\" / x", "vhost": "empty", "configure": ".*", "write": ".*", "read": ".*"}],
              "topic_permissions": [
                {"user": "topics", "vhost": "empty", "exchange": "amq.topic", "write": "^b", "read": ""},
                {"user": "app", "vhost": "/", "exchange": "topic", "write": "^a", "read": ".*"},
                {"user": "app", "vhost": "/", "exchange": "amq.topic", "write": "", "read": ".*"}],
              "global_parameters": [{"name": "any", "value": {"a": [1, 1.5, true, null, "ü"], "b": 12345678901234567}}],
              "parameters": [
                {"vhost": "empty", "component": "vhost-limits", "name": "limits", "value": {"max-queues": 7}},
                {"vhost": "/", "component": "operator_policy", "name": "capped", "value":
                  {"pattern": ".*", "definition": {"max-length": 1000}, "priority": 1, "apply-to": "queues"}}],
              "policies": [
                {"vhost": "/", "name": "p", "pattern": "^q", "apply-to": "queues", "priority": 0, "definition":
                  {"max-length": 10, "overflow": "reject-publish"}},
                {"vhost": "v/1 %2F ü", "name": "odd \\"name\\" %", "pattern": "[a\\\\d]{3}", "apply-to": "all", "priority": -1,
                  "definition": {"expires": 100000000}}],
              "queues": [
                {"vhost": "/", "name": "q", "durable": true, "auto_delete": false, "arguments": {}},
                {"vhost": "/", "name": "quorum", "durable": true, "auto_delete": false, "arguments":
                  {"x-queue-type": "quorum", "x-delivery-limit": 5}},
                {"vhost": "/", "name": "stream", "durable": true, "auto_delete": false, "arguments":
                  {"x-queue-type": "stream", "x-max-length-bytes": 1000000}},
                {"vhost": "v/1 %2F ü", "name": "-dash 'and' \\"blanks\\" / 🐘%", "durable": true, "auto_delete": false,
                  "arguments": {"x-max-priority": 3, "x-message-ttl": 60000, "x-dead-letter-exchange": ""}},
                {"vhost": "v/1 %2F ü", "name": "LONG", "durable": true, "auto_delete": true, "arguments": {}}],
              "exchanges": [
                {"vhost": "/", "name": "topic", "type": "topic", "durable": true, "auto_delete": false, "internal": false,
                  "arguments": {}},
                {"vhost": "v/1 %2F ü", "name": "hdr #?&", "type": "headers", "durable": true, "auto_delete": false,
                  "internal": true, "arguments": {"alternate-exchange": "amq.fanout"}}],
              "bindings": [
                {"vhost": "/", "source": "topic", "destination": "q", "destination_type": "queue", "routing_key":
                  "a.*.ü #/+ %", "arguments": {}},
                {"vhost": "/", "source": "topic", "destination": "q", "destination_type": "queue", "routing_key": "",
                  "arguments": {}},
                {"vhost": "/", "source": "amq.direct", "destination": "topic", "destination_type": "exchange",
                  "routing_key": "key", "arguments": {"x": 1, "s": "t"}},
                {"vhost": "v/1 %2F ü", "source": "hdr #?&", "destination": "-dash 'and' \\"blanks\\" / 🐘%",
                  "destination_type": "queue", "routing_key": "", "arguments": {"x-match": "any", "k": "v"}}]
            }
            """.replace("LONG", "l".repeat(255));

    @TempDir
    static Path certificateFolder = Path.of("");

    private Certificates certificates;
    private RabbitmqServer server;

    @BeforeAll
    void startServer() {
        certificates = new Certificates(certificateFolder);
        server = RabbitmqServer.start(certificates.server("rabbitmq"));
        server.put("users/holdfast", "{\"password\": \"of the agent: \\\"quoted\\\" ü\", \"tags\": \"administrator\"}");
        server.put("permissions/%2F/holdfast", ALL_RIGHTS);
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
        lose();
        server.post("definitions", CONTENT);
        for (JsonNode vhost : json("vhosts")) {
            for (String user : List.of("holdfast", RabbitmqServer.ADMIN)) {
                server.put("permissions/" + encoded(vhost.path("name")) + "/" + user, ALL_RIGHTS);
            }
        }
    }

    @Override
    void change() {
        server.delete("queues/%2F/q");
        server.delete("queues/%2F/quorum");
        server.delete("exchanges/%2F/topic");
        server.delete("vhosts/empty");
        server.delete("users/M%C3%BCller%20%22q%22%20%2F%20x");
        server.put("users/app", "{\"password\": \"other\", \"tags\": \"management\"}");
        server.put("user-limits/app/max-connections", "{\"value\": 5}");
        server.put("user-limits/app/max-channels", "{\"value\": 5}");
        server.put("permissions/v%2F1%20%252F%20%C3%BC/app", ALL_RIGHTS);
        server.delete("permissions/%2F/app");
        server.delete("topic-permissions/%2F/app");
        server.delete("operator-policies/%2F/capped");
        server.delete("global-parameters/any");
        server.put("policies/%2F/p", "{\"pattern\": \".*\", \"definition\": {\"max-length\": 11}}");
        server.delete("policies/v%2F1%20%252F%20%C3%BC/odd%20%22name%22%20%25");
        server.delete("queues/v%2F1%20%252F%20%C3%BC/-dash%20%27and%27%20%22blanks%22%20%2F%20%F0%9F%90%98%25");
    }

    @Override
    void lose() {
        for (JsonNode vhost : json("vhosts")) {
            if (!vhost.path("name").asString().equals("/")) {
                server.delete("vhosts/" + encoded(vhost.path("name")));
            }
        }
        for (String kind : List.of("queues", "policies", "operator-policies")) {
            for (JsonNode each : json(kind)) {
                server.delete(kind + "/" + encoded(each.path("vhost")) + "/" + encoded(each.path("name")));
            }
        }
        server.delete("exchanges/%2F/topic");
        for (JsonNode user : json("users")) {
            if (!List.of("admin", "holdfast").contains(user.path("name").asString())) {
                server.delete("users/" + encoded(user.path("name")));
            }
        }
        for (JsonNode parameter : json("global-parameters")) {
            if (!parameter.path("name").asString().equals("internal_cluster_id")) {
                server.delete("global-parameters/" + encoded(parameter.path("name")));
            }
        }
    }

    @Override
    String listing() {
        JsonNode definitions = json("definitions");
        StringBuilder listing = new StringBuilder();
        for (String kind : definitions.propertyNames()) {
            definitions
                    .path(kind)
                    .valueStream()
                    .filter(element -> !element.path("name").asString("").startsWith(LOAD))
                    .map(element -> kind + " " + element)
                    .sorted()
                    .forEach(line -> listing.append(line).append('\n'));
        }
        return listing.toString();
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
        byte[] bytes = new byte[1_000_000];
        // More than the agent and the sockets hold.
        for (int i = 0; i < 60; i++) {
            random.nextBytes(bytes);
            server.put(
                    "global-parameters/large" + i,
                    "{\"value\": \"" + Base64.getEncoder().encodeToString(bytes) + "\"}");
        }
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
                        "policies/%2F/" + LOAD + number,
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
        return StreamSupport.stream(json("policies").spliterator(), false)
                .filter(policy -> policy.path("name").asString().startsWith(LOAD))
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
    void whatTheBackupDoesNotHaveIsLeftAloneAndRemovedAsThePageSays() throws Exception {
        fill();
        String before = listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            server.put("vhosts/added", "{}");
            server.put("permissions/added/holdfast", ALL_RIGHTS);
            server.put("users/added", "{\"password\": \"x\", \"tags\": \"\"}");
            server.put("queues/%2F/added%20%2F", "{\"durable\": true}");
            server.put("exchanges/%2F/added", "{\"type\": \"fanout\"}");
            server.post("bindings/%2F/e/topic/q/q", "{\"routing_key\": \"added / %\", \"arguments\": {\"k\": 1}}");
            server.put("policies/%2F/added", "{\"pattern\": \"x\", \"definition\": {\"max-length\": 1}}");
            server.put("operator-policies/%2F/added", "{\"pattern\": \"x\", \"definition\": {\"max-length\": 1}}");
            server.put("global-parameters/added", "{\"value\": 1}");
            server.put("permissions/empty/app", ALL_RIGHTS);
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
        server.post("definitions", CONTENT); // the policy that was another vhost's
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
            server.put(
                    "users/holdfast", "{\"password\": \"of the agent: \\\"quoted\\\" ü\", \"tags\": \"monitoring\"}");
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(failure.message()).contains("administrator");
            assertNothingLeft(agent);
        } finally {
            server.put(
                    "users/holdfast",
                    "{\"password\": \"of the agent: \\\"quoted\\\" ü\", \"tags\": \"administrator\"}");
        }
    }

    private JsonNode json(String path) {
        return Json.mapper().readTree(server.get(path));
    }

    private static String encoded(JsonNode name) {
        return URLEncoder.encode(name.asString(), StandardCharsets.UTF_8).replace("+", "%20");
    }
}
