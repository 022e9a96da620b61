package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.RabbitmqConfig;
import io.holdfast.format.json.Json;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.RabbitmqServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Definitions of one server come back on another one: of the same version, and with {@code scripts/versions} of a newer
 * one. They are compared by the servers' own lists.
 */
class RabbitmqUpgradeTest extends AdapterFixture {
    private static final Set<String> GONE_WITH_4_3 = Set.of("x-queue-type", "x-queue-master-locator");

    @TempDir
    static Path certificateFolder = Path.of("");

    private RabbitmqServer older;
    private RabbitmqServer newer;
    private RabbitmqServer server;

    @BeforeAll
    void startServers() {
        Certificates certificates = new Certificates(certificateFolder);
        older = RabbitmqServer.older(certificates.server("older"));
        newer = RabbitmqServer.start(certificates.server("newer"));
        server = older;
        for (RabbitmqServer each : List.of(older, newer)) {
            each.put("users/holdfast", "{\"password\": \"x\", \"tags\": \"administrator\"}");
        }
    }

    @AfterAll
    void stopServers() {
        older.close();
        newer.close();
    }

    @Override
    AdapterConfig config() {
        return new RabbitmqConfig(
                server.host(),
                server.port(),
                RabbitmqServer.ADMIN,
                server.password(),
                null,
                List.of(),
                Duration.ofMinutes(1));
    }

    @Override
    String page() {
        return "rabbitmq";
    }

    @Test
    void q3_q4_q6_definitionsOfAnOlderServerComeBackAsThisOneTakesThem() throws Exception {
        new HardDefinitions(older).fill();
        older.put(
                "vhosts/described", "{\"description\": \"d\", \"tags\": \"a,b\", \"default_queue_type\": \"quorum\"}");
        older.put("permissions/described/" + RabbitmqServer.ADMIN, HardDefinitions.ALL_RIGHTS);
        older.put("queues/described/typed", "{\"durable\": true, \"arguments\": {\"x-queue-type\": \"classic\"}}");
        older.put("queues/%2F/typed", "{\"durable\": true, \"arguments\": {\"x-queue-type\": \"classic\"}}");
        older.put("queues/%2F/passing", "{\"durable\": false}");
        older.put("queues/%2F/lazy", "{\"durable\": true, \"arguments\": {\"x-queue-mode\": \"lazy\"}}");
        older.put("exchanges/%2F/inside", "{\"type\": \"fanout\", \"internal\": true}");
        older.post("bindings/%2F/e/inside/q/typed", "{\"routing_key\": \"i\"}");
        boolean mirrors = takes(
                "policies/%2F/mirrored",
                "{\"pattern\": \"^m\", \"definition\": {\"ha-mode\": \"all\", \"max-length\": 7}}");
        if (mirrors) {
            older.put("policies/%2F/only-mirrored", "{\"pattern\": \"^o\", \"definition\": {\"ha-mode\": \"all\"}}");
        }
        boolean locates = takes(
                "queues/%2F/located",
                "{\"durable\": true, \"arguments\": {\"x-queue-master-locator\": \"min-masters\", \"x-max-length\": 5}}");
        String backup;
        try (RunningAgent _ = agent()) {
            backup = backup();
        }
        server = newer;
        try (RunningAgent agent = agent()) {
            manager.orderRestore(backup, 24);
            String notes = String.join("\n", restored().notes());
            boolean mirrorsHere =
                    takes("policies/%2F/probe", "{\"pattern\": \"^p\", \"definition\": {\"ha-mode\": \"all\"}}");
            boolean locatesHere = takes(
                    "queues/%2F/probe",
                    "{\"durable\": true, \"arguments\": {\"x-queue-master-locator\": \"min-masters\"}}");
            newer.delete("policies/%2F/probe");
            newer.delete("queues/%2F/probe");
            assertThat(notes.contains("policy \"mirrored\" in vhost \"/\" was restored without ha-mode"))
                    .isEqualTo(mirrors && !mirrorsHere);
            assertThat(notes.contains("policy \"only-mirrored\" in vhost \"/\" was left out"))
                    .isEqualTo(mirrors && !mirrorsHere);
            assertThat(notes.contains("queue \"located\" in vhost \"/\" was restored without x-queue-master-locator"))
                    .isEqualTo(locates && !locatesHere);
            assertThat(listing(newer, mirrorsHere, locatesHere)).isEqualTo(listing(older, mirrorsHere, locatesHere));
            assertNothingLeft(agent);
        }
    }

    private boolean takes(String path, String json) {
        try {
            server.put(path, json);
            return true;
        } catch (IllegalStateException e) {
            return false; // this version does not have it any more
        }
    }

    private static String listing(RabbitmqServer of, boolean mirrors, boolean locates) {
        List<String> lines = new ArrayList<>();
        for (JsonNode queue : json(of, "queues?columns=vhost,name,type,durable,auto_delete,arguments")) {
            ObjectNode arguments = queue.path("arguments").asObject();
            arguments.remove(locates ? Set.of("x-queue-type") : GONE_WITH_4_3);
            lines.add("queue " + queue.path("vhost") + queue.path("name") + queue.path("type") + queue.path("durable")
                    + queue.path("auto_delete") + arguments);
        }
        for (JsonNode exchange : json(of, "exchanges?columns=vhost,name,type,durable,auto_delete,internal,arguments")) {
            if (!exchange.path("name").asString().startsWith("amq.rabbitmq.")) {
                lines.add("exchange " + exchange.path("vhost") + exchange.path("name") + exchange.path("type")
                        + exchange.path("durable") + exchange.path("auto_delete") + exchange.path("internal")
                        + exchange.path("arguments"));
            }
        }
        for (JsonNode binding : json(of, "bindings")) {
            lines.add("binding " + binding.path("vhost") + binding.path("source") + binding.path("destination")
                    + binding.path("destination_type") + binding.path("routing_key") + binding.path("arguments"));
        }
        for (JsonNode vhost : json(of, "vhosts")) {
            lines.add("vhost " + vhost.path("name") + vhost.path("description") + vhost.path("tags"));
        }
        for (JsonNode policy : json(of, "policies")) {
            ObjectNode definition = policy.path("definition").asObject();
            if (!mirrors) {
                definition.remove("ha-mode");
            }
            if (!definition.isEmpty()) {
                lines.add("policy " + policy.path("vhost") + policy.path("name") + policy.path("pattern")
                        + policy.path("priority") + definition);
            }
        }
        for (JsonNode permission : json(of, "permissions")) {
            lines.add("permission " + permission);
        }
        for (JsonNode limits : json(of, "vhost-limits")) {
            lines.add("limits " + limits.path("vhost") + limits.path("value"));
        }
        return String.join("\n", lines.stream().sorted().toList());
    }

    private static JsonNode json(RabbitmqServer of, String path) {
        return Json.mapper().readTree(of.get(path));
    }
}
