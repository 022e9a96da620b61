package io.holdfast.agent.adapter.rabbitmq;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Definitions of an older server as a newer one takes them. What a version took away, and refuses or passes over in an
 * import, is taken out of what has it, and told. See the release notes of RabbitMQ 4.0 (mirrored classic queues) and 4.3
 * (queue master locators), and {@code deps/rabbit/src/rabbit_deprecated_features.erl}. For one thread.
 */
final class Translation {
    private static final int WITHOUT_MIRRORS = 4_000_000;
    private static final int WITHOUT_MASTER_LOCATOR = 4_000_003;
    private static final String MIRRORS = "ha-";
    private static final String MASTER_LOCATOR_POLICY = "queue-master-locator";
    private static final String MASTER_LOCATOR = "x-queue-master-locator";
    private static final String DEFINITION = "definition";

    private final boolean mirrors;
    private final boolean masterLocator;
    private final Map<String, String> queueTypes = new HashMap<>();
    private final List<String> notes = new ArrayList<>();

    /**
     * A translation.
     *
     * @param from the series that the definitions are of, see {@link Broker#series}
     * @param to the server's series
     */
    Translation(int from, int to) {
        this.mirrors = from < WITHOUT_MIRRORS && to >= WITHOUT_MIRRORS;
        this.masterLocator = from < WITHOUT_MASTER_LOCATOR && to >= WITHOUT_MASTER_LOCATOR;
    }

    /** Has to see all virtual hosts before queues are translated. */
    void learn(Kind kind, JsonNode element) {
        if (kind == Kind.VHOSTS) {
            queueTypes.put(element.path("name").asString(""), Kind.defaultQueueType(element));
        }
    }

    /** An element as the server takes it; null for one of which nothing is left. */
    @Nullable JsonNode translate(Kind kind, JsonNode element) {
        return switch (kind) {
            case POLICIES -> policy(kind, element, element.path(DEFINITION));
            case PARAMETERS -> policy(kind, element, element.path("value").path(DEFINITION));
            case QUEUES -> queue(element);
            case BINDINGS -> binding(element);
            case USERS, VHOSTS, PERMISSIONS, TOPIC_PERMISSIONS, GLOBAL_PARAMETERS, EXCHANGES -> element;
        };
    }

    /** What was taken out of what, in sentences. */
    List<String> notes() {
        return notes;
    }

    /** Of parameters only operator policies have such a definition. */
    private @Nullable JsonNode policy(Kind kind, JsonNode element, JsonNode definition) {
        if (kind == Kind.PARAMETERS && !element.path("component").asString("").equals("operator_policy")) {
            return element;
        }
        Set<String> gone = new LinkedHashSet<>();
        for (String key : definition.propertyNames()) {
            if ((mirrors && key.startsWith(MIRRORS)) || (masterLocator && key.equals(MASTER_LOCATOR_POLICY))) {
                gone.add(key);
            }
        }
        if (gone.isEmpty()) {
            return element;
        }
        String why = ", which this version of RabbitMQ no longer has";
        if (gone.size() == definition.size()) {
            notes.add(kind.describe(element) + " was left out: it has only " + String.join(", ", gone) + why);
            return null;
        }
        notes.add(kind.describe(element) + " was restored without " + String.join(", ", gone) + why);
        ObjectNode translated = element.asObject().deepCopy();
        ObjectNode within =
                kind == Kind.POLICIES ? translated : translated.path("value").asObject();
        within.path(DEFINITION).asObject().remove(gone);
        return translated;
    }

    private static @Nullable JsonNode binding(JsonNode element) {
        boolean ofServerNamed = Kind.destination(element) == Kind.QUEUES
                && Kind.isServerNamed(element.path("destination").asString(""));
        return ofServerNamed ? null : element;
    }

    private @Nullable JsonNode queue(JsonNode element) {
        if (Kind.isServerNamed(element.path("name").asString(""))) {
            notes.add(Kind.QUEUES.describe(element)
                    + " was left out with its bindings: a server has named it, and no import" + " takes such a name");
            return null;
        }
        JsonNode translated = element;
        if (masterLocator && element.path("arguments").has(MASTER_LOCATOR)) {
            notes.add(Kind.QUEUES.describe(element) + " was restored without " + MASTER_LOCATOR
                    + ", which this version of RabbitMQ no longer has; a client that declares it with that"
                    + " argument is refused");
            translated = element.deepCopy();
            translated.path("arguments").asObject().remove(MASTER_LOCATOR);
        }
        // A queue without a type would become one of its virtual host's default type.
        String byDefault = queueTypes.getOrDefault(element.path("vhost").asString(""), "");
        String type = Kind.queueType(element);
        if (!byDefault.isEmpty()
                && !byDefault.equals(type)
                && !element.path("arguments").has(Kind.QUEUE_TYPE)) {
            translated = translated.deepCopy();
            translated.asObject().withObjectProperty("arguments").put(Kind.QUEUE_TYPE, type);
        }
        return translated;
    }
}
