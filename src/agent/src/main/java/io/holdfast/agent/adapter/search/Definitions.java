package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.LeftOut;
import io.holdfast.agent.attempt.JobException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Templates, pipelines and stored scripts: a snapshot has them as part of the global state, which can be restored only as a whole, and
 * with OpenSearch's security plugin not at all. Those that the engine manages itself are not looked at.
 *
 * @param kinds for each kind's path the definitions by name, as they are put
 */
record Definitions(Map<String, Map<String, JsonNode>> kinds) {
    /** What engines tell of a definition beside what it is, and refuse when it is put. */
    private static final List<String> ONLY_TOLD =
            List.of("created_date", "created_date_millis", "modified_date", "modified_date_millis");

    Definitions {
        Map<String, Map<String, JsonNode>> putable = new TreeMap<>();
        kinds.forEach((kind, definitions) -> {
            Map<String, JsonNode> each = new TreeMap<>();
            definitions.forEach((name, definition) -> each.put(name, putable(definition)));
            putable.put(kind, each);
        });
        kinds = Collections.unmodifiableMap(putable);
    }

    private static JsonNode putable(JsonNode definition) {
        return definition instanceof ObjectNode object && ONLY_TOLD.stream().anyMatch(object::has)
                ? object.deepCopy().without(ONLY_TOLD)
                : definition;
    }

    /** In the order in which they are made, since later ones refer to earlier ones. */
    private enum Kind {
        STORED_SCRIPTS("_scripts", "stored script", null, null),
        INGEST_PIPELINES("_ingest/pipeline", "ingest pipeline", null, null),
        SEARCH_PIPELINES("_search/pipeline", "search pipeline", null, null),
        COMPONENT_TEMPLATES("_component_template", "component template", "component_templates", "component_template"),
        INDEX_TEMPLATES("_index_template", "index template", "index_templates", "index_template"),
        LEGACY_TEMPLATES("_template", "template", null, null);

        private final String path;
        private final String word;
        private final @Nullable String list;
        private final @Nullable String element;

        /**
         * A kind.
         *
         * @param list under which key the engine lists them, or null when it answers with an object of them
         * @param element under which key of a list's element the definition is
         */
        Kind(String path, String word, @Nullable String list, @Nullable String element) {
            this.path = path;
            this.word = word;
            this.list = list;
            this.element = element;
        }

        Map<String, JsonNode> read(RestClient rest) throws IOException {
            Map<String, JsonNode> found = new TreeMap<>();
            if (this == SEARCH_PIPELINES && !known(rest)) {
                return found;
            }
            if (this == STORED_SCRIPTS) {
                // There is no list of them but in the cluster's state.
                rest.get("/_cluster/state/metadata?filter_path=metadata.stored_scripts")
                        .path("metadata")
                        .path("stored_scripts")
                        .properties()
                        .forEach(script -> add(
                                found,
                                script.getKey(),
                                JsonNodeFactory.instance.objectNode().set("script", script.getValue())));
                return found;
            }
            JsonNode answer = rest.find("/" + path).orElse(null);
            if (answer == null) {
                return found; // there are none
            }
            if (list == null) {
                answer.properties().forEach(entry -> add(found, entry.getKey(), entry.getValue()));
            } else {
                for (JsonNode each : answer.path(list)) {
                    add(found, each.path("name").asString(""), each.path(String.valueOf(element)));
                }
            }
            return found;
        }

        private static void add(Map<String, JsonNode> found, String name, JsonNode definition) {
            boolean managed = definition.path("_meta").path("managed").asBoolean(false) || name.startsWith(".");
            if (!managed) {
                found.put(name, definition);
            }
        }

        /** Elasticsearch has none, and takes the path for a search. */
        private static boolean known(RestClient rest) throws IOException {
            return rest.get("/_nodes?filter_path=nodes.*.search_pipelines").has("nodes");
        }
    }

    /** All that there are. */
    static Definitions of(RestClient rest) throws IOException {
        Map<String, Map<String, JsonNode>> kinds = new TreeMap<>();
        for (Kind kind : Kind.values()) {
            kinds.put(kind.path, kind.read(rest));
        }
        return new Definitions(kinds);
    }

    /** Makes or changes live ones so that they are as here; all that differ, but those that may be left out. */
    void put(RestClient rest, Definitions live, LeftOut leftOut) throws IOException {
        for (Kind kind : Kind.values()) {
            for (Map.Entry<String, JsonNode> each : of(kind).entrySet()) {
                if (!each.getValue().equals(live.of(kind).get(each.getKey()))) {
                    put(rest, kind, each.getKey(), each.getValue(), leftOut);
                }
            }
        }
    }

    private static void put(RestClient rest, Kind kind, String name, JsonNode definition, LeftOut leftOut)
            throws IOException {
        try {
            rest.put("/" + kind.path + "/" + RestClient.encoded(name), definition);
        } catch (JobException e) {
            if (e.code() != rest.refusal()) {
                throw e;
            }
            String part = kind.word + " " + name;
            if (!leftOut.allowed()) {
                throw new JobException(
                        e.code(),
                        part + ": " + e.getMessage(),
                        "make the service accept it, for example by its plugins, " + LeftOut.HINT,
                        e);
            }
            leftOut.add(part, part + ": " + e.getMessage());
        }
    }

    /** Removes what is here, and not in what is to be; what is used by others goes after them. */
    void removeAllBut(RestClient rest, Definitions wanted) throws IOException {
        List<Kind> backwards = new ArrayList<>(List.of(Kind.values()));
        Collections.reverse(backwards);
        for (Kind kind : backwards) {
            for (String name : of(kind).keySet()) {
                if (!wanted.of(kind).containsKey(name)) {
                    rest.delete("/" + kind.path + "/" + RestClient.encoded(name));
                }
            }
        }
    }

    /** Those of these whose names the other one has too. */
    Definitions sharedWith(Definitions other) {
        Map<String, Map<String, JsonNode>> shared = new TreeMap<>();
        for (Kind kind : Kind.values()) {
            Map<String, JsonNode> both = new TreeMap<>(of(kind));
            both.keySet().retainAll(other.of(kind).keySet());
            shared.put(kind.path, both);
        }
        return new Definitions(shared);
    }

    /** For people: those that the other does not have. */
    List<String> missingIn(Definitions other) {
        List<String> missing = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            of(kind).keySet().stream()
                    .filter(name -> !other.of(kind).containsKey(name))
                    .forEach(name -> missing.add(kind.word + " " + name));
        }
        return missing;
    }

    /** How many there are. */
    long count() {
        return kinds.values().stream().mapToLong(Map::size).sum();
    }

    private Map<String, JsonNode> of(Kind kind) {
        return kinds.getOrDefault(kind.path, Map.of());
    }
}
