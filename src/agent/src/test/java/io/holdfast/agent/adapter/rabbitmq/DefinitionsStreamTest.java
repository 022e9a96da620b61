package io.holdfast.agent.adapter.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Which answers of a server are whole. */
class DefinitionsStreamTest {
    /** As RabbitMQ 3.10.8 gives them, but for the administrator. */
    private static final String WHOLE = """
            {"rabbit_version":"3.10.8","rabbitmq_version":"3.10.8","product_name":"RabbitMQ","product_version":"3.10.8",\
            "users":[{"name":"app","password_hash":"","hashing_algorithm":"rabbit_password_hashing_sha256","tags":[],\
            "limits":{}}],"vhosts":[{"name":"shop"},{"name":"/"}],\
            "permissions":[{"user":"app","vhost":"shop","configure":"","write":"","read":".*"}],\
            "topic_permissions":[{"user":"app","vhost":"shop","exchange":"e","write":"","read":".*"}],\
            "parameters":[{"value":{"max-queues":7},"vhost":"shop","component":"vhost-limits","name":"limits"}],\
            "global_parameters":[{"name":"internal_cluster_id","value":"rabbitmq-cluster-id-HkuMIc-wbqQU048ZaWkrIA"}],\
            "policies":[{"vhost":"shop","name":"p","pattern":"^q","apply-to":"queues","definition":{"max-length":10},\
            "priority":0}],"queues":[{"name":"q","vhost":"shop","durable":true,"auto_delete":false,"arguments":{}}],\
            "exchanges":[{"name":"e","vhost":"shop","type":"topic","durable":true,"auto_delete":false,"internal":false,\
            "arguments":{}},{"name":"f","vhost":"shop","type":"fanout","durable":true,"auto_delete":false,\
            "internal":false,"arguments":{}}],\
            "bindings":[{"source":"amq.topic","vhost":"shop","destination":"q","destination_type":"queue",\
            "routing_key":"","arguments":{}},{"source":"e","vhost":"shop","destination":"f",\
            "destination_type":"exchange","routing_key":"k","arguments":{}},{"source":"e","vhost":"shop",\
            "destination":"q","destination_type":"queue","routing_key":"k","arguments":{}}]}""";

    @Test
    void wholeDefinitionsPassAsTheyAre() throws Exception {
        assertThat(Json.mapper().readTree(read(WHOLE))).isEqualTo(Json.mapper().readTree(WHOLE));
    }

    @Test
    void dl02_definitionsThatAreCutAnywhereOrGoOnAreIncomplete() {
        for (int length = 0; length < WHOLE.length(); length++) {
            assertIncomplete(WHOLE.substring(0, length), "");
        }
        assertIncomplete(WHOLE + "{}", "continue after their end");
        assertIncomplete("{\"error\":\"bad_request\",\"reason\":\"it is busy\"}", "have no users");
        assertIncomplete("[]", "do not begin like a JSON object");
    }

    @Test
    void dl02_definitionsWithoutAKindAreIncomplete() {
        for (Kind kind : Kind.values()) {
            ObjectNode document = document();
            document.remove(kind.key());
            assertIncomplete(document.toString(), "the definitions have no " + kind.key());
            document.put(kind.key(), "none");
            assertIncomplete(document.toString(), "the definitions have no list of " + kind.key());
        }
    }

    @Test
    void dl02_definitionsThatReferToAMissingOneAreIncomplete() {
        assertMissing("users", "app", "permissions of user \"app\" in vhost \"shop\" needs user \"app\"");
        assertMissing("vhosts", "shop", "needs vhost \"shop\"");
        assertMissing(
                "queues", "q", "binding of \"amq.topic\" to queue \"q\" by \"\" in vhost \"shop\" needs queue \"q\"");
        assertMissing("exchanges", "e", "needs exchange \"e\" in vhost \"shop\"");
        assertMissing(
                "exchanges", "f", "binding of \"e\" to exchange \"f\" by \"k\" in vhost \"shop\" needs exchange \"f\"");
    }

    /** Such as a queue that was deleted after the list of queues was made, with its bindings. */
    private static void assertMissing(String kind, String name, String message) {
        ObjectNode document = document();
        var elements = document.withArrayProperty(kind);
        for (int i = elements.size() - 1; i >= 0; i--) {
            JsonNode element = elements.get(i);
            if (element.path("name").asString().equals(name)) {
                elements.remove(i);
            }
        }
        assertIncomplete(document.toString(), message);
    }

    private static void assertIncomplete(String document, String message) {
        assertThatThrownBy(() -> read(document))
                .isInstanceOfSatisfying(
                        JobException.class,
                        e -> assertThat(e.code()).as(document).isEqualTo(FailureCode.INCOMPLETE_DUMP))
                .hasMessageContaining(message);
    }

    private static ObjectNode document() {
        return Json.mapper().readTree(WHOLE).asObject();
    }

    private static byte[] read(String document) throws IOException {
        byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
        try (DefinitionsStream stream =
                DefinitionsStream.checked(new ByteArrayInputStream(bytes), DefinitionsStream.Selection.ALL, null)) {
            return stream.readAllBytes();
        }
    }
}
