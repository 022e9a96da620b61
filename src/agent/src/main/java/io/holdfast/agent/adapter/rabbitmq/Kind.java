package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.format.json.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
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
    /** Global parameters that are not the users': what makes a cluster itself, and what each start takes from its configuration. */
    private static final Set<String> OF_THE_CLUSTER = Set.of("internal_cluster_id", "cluster_tags");

    static final String QUEUE_TYPE = "x-queue-type";
    private static final String RESERVED = "amq.";
    private static final String DEFAULT_QUEUE_TYPE = "default_queue_type";
    private static final String CLASSIC = "classic";

    private final String identity;

    /** Whether a global parameter belongs to the cluster, and to no backup. */
    static boolean isOfTheCluster(JsonNode parameter) {
        return OF_THE_CLUSTER.contains(parameter.path("name").asString(""));
    }

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
        return switch (this) {
            case QUEUES ->
                "type " + queueType(element) + ", durable "
                        + element.path("durable").asBoolean(true) + ", auto_delete "
                        + element.path("auto_delete").asBoolean(false) + ", arguments "
                        + SORTING.writeValueAsString(arguments(element).without(QUEUE_TYPE));
            case EXCHANGES ->
                "type " + element.path("type").asString("direct") + ", durable "
                        + element.path("durable").asBoolean(true) + ", auto_delete "
                        + element.path("auto_delete").asBoolean(false) + ", internal "
                        + element.path("internal").asBoolean(false) + ", arguments "
                        + SORTING.writeValueAsString(arguments(element));
            case USERS, VHOSTS, PERMISSIONS, TOPIC_PERMISSIONS, GLOBAL_PARAMETERS, PARAMETERS, POLICIES, BINDINGS -> "";
        };
    }

    /** A queue's type: versions write it into its arguments, beside them, both, or neither when it is the classic one. */
    static String queueType(JsonNode queue) {
        String argument = arguments(queue).path(QUEUE_TYPE).asString("");
        return argument.isEmpty() ? queue.path("type").asString(CLASSIC) : argument;
    }

    /** What queues of a virtual host are that are declared without a type; empty when it does not say. */
    static String defaultQueueType(JsonNode vhost) {
        String type = vhost.path(DEFAULT_QUEUE_TYPE).asString("");
        return type.isEmpty() ? vhost.path("metadata").path(DEFAULT_QUEUE_TYPE).asString("") : type;
    }

    private static ObjectNode arguments(JsonNode element) {
        return element.path("arguments") instanceof ObjectNode arguments
                ? arguments.deepCopy()
                : JsonNodeFactory.instance.objectNode();
    }

    /** The kind of a binding's destination. */
    static Kind destination(JsonNode binding) {
        return binding.path("destination_type").asString("").equals("queue") ? QUEUES : EXCHANGES;
    }

    /** Whether a server made the name up: for one declaration, and no import takes it. */
    static boolean isServerNamed(String queue) {
        return queue.startsWith(RESERVED);
    }

    /** Whether every virtual host has an exchange of this name. */
    static boolean isEverywhere(String exchange) {
        return exchange.isEmpty() || exchange.startsWith(RESERVED);
    }

    /** The fields to ask for where a server's list of the kind has much else; all of them when empty. */
    List<String> listed() {
        return switch (this) {
            case QUEUES -> List.of("name", "vhost", "type", "durable", "auto_delete", "exclusive", "arguments");
            case EXCHANGES -> List.of("name", "vhost", "type", "durable", "auto_delete", "internal", "arguments");
            case USERS, VHOSTS, PERMISSIONS, TOPIC_PERMISSIONS, GLOBAL_PARAMETERS, PARAMETERS, POLICIES, BINDINGS ->
                List.of();
        };
    }

    /** What an export has of an element of a server's list. */
    JsonNode exported(JsonNode listed) {
        return switch (this) {
            case QUEUES -> listed.asObject().deepCopy().without("exclusive");
            case BINDINGS -> listed.asObject().deepCopy().without("properties_key");
            case USERS, VHOSTS, PERMISSIONS, TOPIC_PERMISSIONS, GLOBAL_PARAMETERS, PARAMETERS, POLICIES, EXCHANGES ->
                listed;
        };
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
