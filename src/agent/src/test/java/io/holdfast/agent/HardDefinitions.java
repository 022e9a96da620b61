package io.holdfast.agent;

import io.holdfast.format.json.Json;
import io.holdfast.testbed.RabbitmqServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Definitions that are hard to back up, in a real RabbitMQ. */
final class HardDefinitions {
    static final String ALL_RIGHTS = "{\"configure\": \".*\", \"write\": \".*\", \"read\": \".*\"}";

    /** How the names of policies begin that are not listed. */
    static final String LOAD = "load-";

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

    private final RabbitmqServer server;

    HardDefinitions(RabbitmqServer server) {
        this.server = server;
    }

    /** In place of all others; the agent's user gets its rights. */
    void fill() {
        lose();
        add();
        for (JsonNode vhost : json("vhosts")) {
            for (String user : List.of("holdfast", RabbitmqServer.ADMIN)) {
                server.put("permissions/" + encoded(vhost.path("name")) + "/" + user, ALL_RIGHTS);
            }
        }
    }

    /** Without touching others. */
    void add() {
        server.post("definitions", CONTENT);
    }

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

    String listing() {
        JsonNode definitions = json("definitions");
        StringBuilder listing = new StringBuilder();
        for (String kind : definitions.propertyNames()) {
            definitions
                    .path(kind)
                    .valueStream()
                    .filter(element -> !element.path("name").asString("").startsWith(LOAD))
                    .filter(element ->
                            !element.path("name").asString("").equals("cluster_tags")) // of a server's settings
                    .map(element -> kind + " " + element)
                    .sorted()
                    .forEach(line -> listing.append(line).append('\n'));
        }
        return listing.toString();
    }

    private JsonNode json(String path) {
        return Json.mapper().readTree(server.get(path));
    }

    private static String encoded(JsonNode name) {
        return URLEncoder.encode(name.asString(), StandardCharsets.UTF_8).replace("+", "%20");
    }
}
