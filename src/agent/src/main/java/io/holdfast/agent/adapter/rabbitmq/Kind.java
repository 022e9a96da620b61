package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.format.json.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The kinds of definitions, in the order in which one needs another. */
enum Kind {
    USERS("name"),
    VHOSTS("name"),
    PERMISSIONS("vhost user"),
    TOPIC_PERMISSIONS("vhost user exchange"),
    GLOBAL_PARAMETERS("name"),
    PARAMETERS("vhost component name"),
    POLICIES("vhost name"),
    QUEUES("vhost name"),
    EXCHANGES("vhost name"),
    BINDINGS("vhost source destination_type destination routing_key arguments");

    private static final JsonMapper SORTING = Json.mapper()
            .rebuild()
            .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
            .build();
    private static final List<String> FIXED = List.of("type", "durable", "auto_delete", "internal", "arguments");
    private static final String QUEUE_TYPE = "x-queue-type";

    private final String identity;

    Kind(String identity) {
        this.identity = identity;
    }

    /** The kind with this key in a document of definitions. */
    static Optional<Kind> of(String key) {
        return Arrays.stream(values()).filter(kind -> kind.key().equals(key)).findFirst();
    }

    /** Its key in a document of definitions. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What tells an element from all others of all kinds. */
    String identify(JsonNode element) {
        List<String> parts = new ArrayList<>(List.of(key()));
        for (String field : identity.split(" ", -1)) {
            parts.add(SORTING.writeValueAsString(element.path(field)));
        }
        return String.join(" ", parts);
    }

    /** What an import does not change in one that is there already; empty when it changes all. */
    String fixed(JsonNode element) {
        if (this != QUEUES && this != EXCHANGES) {
            return "";
        }
        List<String> parts = new ArrayList<>();
        for (String field : FIXED) {
            JsonNode value = element.path(field);
            if (value instanceof ObjectNode arguments
                    && arguments.path(QUEUE_TYPE).asString("").equals("classic")) {
                value = arguments.deepCopy().without(QUEUE_TYPE); // some servers write down this default
            }
            if (!value.isMissingNode()) {
                parts.add(field + " " + SORTING.writeValueAsString(value));
            }
        }
        return String.join(", ", parts);
    }

    /** An element for people, such as {@code queue "q" in vhost "/"}. */
    String describe(JsonNode element) {
        return switch (this) {
            case USERS -> "user " + element.path("name");
            case VHOSTS -> "vhost " + element.path("name");
            case PERMISSIONS -> "permissions of user " + element.path("user") + in(element);
            case TOPIC_PERMISSIONS ->
                "permissions of user " + element.path("user") + " on exchange " + element.path("exchange")
                        + in(element);
            case GLOBAL_PARAMETERS -> "global parameter " + element.path("name");
            case PARAMETERS -> "parameter " + element.path("component") + " " + element.path("name") + in(element);
            case POLICIES -> "policy " + element.path("name") + in(element);
            case QUEUES -> "queue " + element.path("name") + in(element);
            case EXCHANGES -> "exchange " + element.path("name") + in(element);
            case BINDINGS ->
                "binding of " + element.path("source") + " to "
                        + element.path("destination_type").asString("") + " " + element.path("destination") + " by "
                        + element.path("routing_key") + in(element);
        };
    }

    private static String in(JsonNode element) {
        return " in vhost " + element.path("vhost");
    }
}
