package io.holdfast.agent.adapter.rabbitmq;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Which definitions there are, and which ones others refer to. */
final class References {
    private final Set<String> present = new HashSet<>();
    private final Map<String, String> needed = new LinkedHashMap<>();

    void add(Kind kind, JsonNode element) {
        switch (kind) {
            case USERS, VHOSTS -> present.add(kind.identify(element));
            case GLOBAL_PARAMETERS -> {
                // Refers to nothing.
            }
            case PERMISSIONS, TOPIC_PERMISSIONS -> {
                needsVhost(kind, element);
                needs(Kind.USERS, null, element.path("user"), kind, element);
            }
            case PARAMETERS, POLICIES -> needsVhost(kind, element);
            case QUEUES, EXCHANGES -> {
                present.add(kind.identify(element));
                needsVhost(kind, element);
            }
            case BINDINGS -> {
                needs(Kind.EXCHANGES, element.path("vhost"), element.path("source"), kind, element);
                needs(Kind.destination(element), element.path("vhost"), element.path("destination"), kind, element);
            }
        }
    }

    /** What is missing and who needs it, or null. */
    @Nullable String missing() {
        return needed.entrySet().stream()
                .filter(need -> !present.contains(need.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private void needsVhost(Kind by, JsonNode element) {
        needs(Kind.VHOSTS, null, element.path("vhost"), by, element);
    }

    private void needs(Kind kind, @Nullable JsonNode vhost, JsonNode name, Kind by, JsonNode element) {
        // The exchanges that every vhost has are in no list.
        if (kind == Kind.EXCHANGES && Kind.isEverywhere(name.asString(""))) {
            return;
        }
        var other = JsonNodeFactory.instance.objectNode().set("name", name);
        if (vhost != null) {
            other = other.asObject().set("vhost", vhost);
        }
        String identity = kind.identify(other);
        if (!present.contains(identity)) {
            needed.putIfAbsent(identity, by.describe(element) + " needs " + kind.describe(other));
        }
    }
}
