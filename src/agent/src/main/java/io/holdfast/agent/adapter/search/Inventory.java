package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What a cluster has, or had, without the engine's own indexes.
 *
 * @param indices by name; those behind data streams too
 * @param dataStreams the indexes behind each
 * @param definitions templates, pipelines and stored scripts
 */
record Inventory(Map<String, Index> indices, Map<String, List<String>> dataStreams, Definitions definitions) {
    private static final String FILE = "inventory.json";
    private static final long LARGEST_FILE = 256L * 1024 * 1024;

    /** Set by the engine itself when a disk is full, and taken back automatically. */
    private static final String DISK_BLOCK = "index.blocks.read_only_allow_delete";

    /** With it an index tells nothing of itself; the cluster's state has its settings, and its aliases' names. */
    private static final String OPAQUE = "index.blocks.metadata";

    private static final String BLOCKS = "index.blocks.";

    /** Of everything that is asked of the cluster's state. */
    private static final String STATE = "/_cluster/state/metadata?filter_path=metadata.indices.*.system,"
            + "metadata.indices.*.aliases,metadata.indices.*.settings.index.blocks,"
            + "metadata.indices.*.settings.index.routing.allocation,"
            + "metadata.indices.*.settings.index.lifecycle,"
            + "metadata.indices.*.settings.index.number_of_shards";

    /**
     * An index.
     *
     * @param documents how many it has in the snapshot; null when that is not known, since somebody wrote meanwhile
     * @param closed nobody can read it
     * @param blocks its settings {@code index.blocks.…}
     * @param aliases by name, as the engine describes them
     * @param ties its settings that tell which nodes may have it, and which lifecycle policy it has; empty in backups of
     *     earlier versions
     */
    record Index(
            @Nullable Long documents,
            boolean closed,
            Map<String, String> blocks,
            Map<String, JsonNode> aliases,
            @Nullable Map<String, String> ties) {
        Index {
            blocks = Collections.unmodifiableMap(new TreeMap<>(blocks));
            aliases = Collections.unmodifiableMap(new TreeMap<>(aliases));
            ties = Collections.unmodifiableMap(new TreeMap<>(ties == null ? Map.of() : ties));
        }

        /** Whether nothing can be asked of it, not even how large it is. */
        boolean isOpaque() {
            return "true".equals(blocks.get(OPAQUE));
        }

        Map<String, String> tied() {
            return ties == null ? Map.of() : ties;
        }
    }

    Inventory {
        indices = Collections.unmodifiableMap(new TreeMap<>(indices));
        dataStreams = Collections.unmodifiableMap(new TreeMap<>(dataStreams));
    }

    /** The engine's own indexes: they belong to its installation, and often only its administrator may touch them. */
    static Set<String> systemIndices(RestClient rest) throws IOException {
        Set<String> names = new TreeSet<>();
        rest.get("/_cluster/state/metadata?filter_path=metadata.indices.*.system")
                .path("metadata")
                .path("indices")
                .properties()
                .forEach(index -> {
                    if (index.getValue().path("system").asBoolean(false)) {
                        names.add(index.getKey());
                    }
                });
        return names;
    }

    /** What there is now, without the indexes of trials; documents are not counted. */
    static Inventory of(RestClient rest) throws IOException {
        JsonNode state = rest.get(STATE).path("metadata").path("indices");
        JsonNode resolved = rest.get("/_resolve/index/*?expand_wildcards=all");
        Map<String, Boolean> closed = new TreeMap<>();
        for (JsonNode index : resolved.path("indices")) {
            String name = index.path("name").asString("");
            if (!state.path(name).path("system").asBoolean(false) && !name.startsWith(Trial.PREFIX)) {
                closed.put(name, texts(index.path("attributes")).contains("closed"));
            }
        }
        Map<String, List<String>> dataStreams = new TreeMap<>();
        for (JsonNode stream : resolved.path("data_streams")) {
            List<String> behind = texts(stream.path("backing_indices"));
            if (closed.keySet().containsAll(behind)) {
                dataStreams.put(stream.path("name").asString(""), behind);
            }
        }
        Map<String, Index> indices = new TreeMap<>();
        closed.forEach((name, isClosed) -> indices.put(name, index(state.path(name), isClosed)));
        List<String> speaking = indices.entrySet().stream()
                .filter(index -> !index.getValue().isOpaque())
                .map(Map.Entry::getKey)
                .toList();
        for (String list : RestClient.lists(speaking)) {
            rest.get("/" + list + "/_alias?expand_wildcards=all&ignore_unavailable=true")
                    .properties()
                    .forEach(index -> indices.computeIfPresent(
                            index.getKey(), (name, found) -> aliased(found, index.getValue())));
        }
        return new Inventory(indices, dataStreams, Definitions.of(rest));
    }

    /** As the cluster's state has it, which knows of aliases only their names. */
    private static Index index(JsonNode state, boolean closed) {
        Map<String, String> settings = new TreeMap<>();
        flatten("index", state.path("settings").path("index"), settings);
        Map<String, String> blocks = new TreeMap<>(settings);
        blocks.keySet().removeIf(name -> !name.startsWith(BLOCKS) || name.equals(DISK_BLOCK));
        settings.keySet().removeIf(name -> name.startsWith(BLOCKS));
        Map<String, JsonNode> aliases = new TreeMap<>();
        texts(state.path("aliases")).forEach(alias -> aliases.put(alias, JsonNodeFactory.instance.objectNode()));
        return new Index(null, closed, blocks, aliases, settings);
    }

    private static Index aliased(Index index, JsonNode described) {
        Map<String, JsonNode> aliases = new TreeMap<>();
        described.path("aliases").properties().forEach(alias -> aliases.put(alias.getKey(), alias.getValue()));
        return new Index(index.documents(), index.closed(), index.blocks(), aliases, index.ties());
    }

    private static void flatten(String name, JsonNode value, Map<String, String> into) {
        if (value.isObject()) {
            value.properties().forEach(each -> flatten(name + "." + each.getKey(), each.getValue(), into));
        } else if (value.isArray()) {
            into.put(name, String.join(",", texts(value)));
        } else if (!value.isMissingNode()) {
            into.put(name, value.asString());
        }
    }

    /** Those indexes that can be asked about. */
    Set<String> speaking() {
        Set<String> names = new TreeSet<>(indices.keySet());
        names.removeIf(name -> {
            Index index = indices.get(name);
            return index != null && index.isOpaque();
        });
        return names;
    }

    /** Parts of it, by what an index's ties give; a data stream is in one part with all of its own. */
    Map<Set<String>, Inventory> groupedBy(Function<Map<String, String>, Set<String>> keys) {
        Map<String, Set<String>> byName = new TreeMap<>();
        indices.forEach((name, index) -> byName.put(name, keys.apply(index.tied())));
        dataStreams.values().forEach(behind -> {
            Set<String> all = new TreeSet<>();
            behind.forEach(name -> all.addAll(byName.getOrDefault(name, Set.of())));
            behind.forEach(name -> byName.replace(name, all));
        });
        Map<Set<String>, Inventory> groups = new LinkedHashMap<>();
        for (Set<String> key : new HashSet<>(byName.values())) {
            Set<String> others = new TreeSet<>(byName.keySet());
            others.removeIf(name -> key.equals(byName.get(name)));
            groups.put(key, except(others));
        }
        return groups;
    }

    /** What stays without some indexes; a data stream goes with any of its own. */
    Inventory except(Set<String> names) {
        Set<String> gone = new TreeSet<>(names);
        Map<String, List<String>> streams = new TreeMap<>(dataStreams);
        streams.entrySet().removeIf(stream -> {
            boolean goes = gone.contains(stream.getKey()) || !Collections.disjoint(stream.getValue(), names);
            if (goes) {
                gone.addAll(stream.getValue());
            }
            return goes;
        });
        Map<String, Index> left = new TreeMap<>(indices);
        left.keySet().removeAll(gone);
        return new Inventory(left, streams, definitions);
    }

    /** What of it a snapshot has, with the counts that are known. */
    Inventory in(List<String> snapshotIndices, List<String> snapshotStreams, Map<String, Long> documents) {
        Map<String, Index> has = new TreeMap<>();
        for (String name : snapshotIndices) {
            Index now = indices.getOrDefault(name, new Index(null, false, Map.of(), Map.of(), Map.of()));
            has.put(name, new Index(documents.get(name), now.closed(), now.blocks(), now.aliases(), now.ties()));
        }
        Map<String, List<String>> streams = new TreeMap<>();
        for (String name : snapshotStreams) {
            streams.put(
                    name,
                    dataStreams.getOrDefault(name, List.of()).stream()
                            .filter(has::containsKey)
                            .toList());
        }
        return new Inventory(has, streams, definitions);
    }

    /** The index of each data stream that takes its writes: the last one. */
    Set<String> writtenOfStreams() {
        Set<String> names = new TreeSet<>();
        dataStreams.values().stream()
                .filter(behind -> !behind.isEmpty())
                .forEach(behind -> names.add(behind.getLast()));
        return names;
    }

    /** Names of indexes that stand for themselves, and of data streams. */
    Set<String> names() {
        Set<String> names = new TreeSet<>(indices.keySet());
        dataStreams.values().forEach(names::removeAll);
        names.addAll(dataStreams.keySet());
        return names;
    }

    /** Those of this inventory which have a place in the other one too. */
    Inventory sharedWith(Inventory other) {
        Map<String, List<String>> streams = new TreeMap<>(dataStreams);
        streams.keySet().retainAll(other.dataStreams.keySet());
        Set<String> names = new HashSet<>(other.indices.keySet());
        streams.values().forEach(names::addAll);
        Map<String, Index> shared = new TreeMap<>(indices);
        shared.keySet().retainAll(names);
        return new Inventory(shared, streams, definitions);
    }

    /** The others. */
    Inventory without(Inventory other) {
        Inventory shared = sharedWith(other);
        Map<String, Index> alone = new TreeMap<>(indices);
        alone.keySet().removeAll(shared.indices.keySet());
        Map<String, List<String>> streams = new TreeMap<>(dataStreams);
        streams.keySet().removeAll(shared.dataStreams.keySet());
        return new Inventory(alone, streams, definitions);
    }

    /** The indexes with such a name, such an alias, or behind such a data stream. */
    Set<String> named(Set<String> names) {
        Set<String> found = new TreeSet<>();
        indices.forEach((name, index) -> {
            if (names.contains(name) || !Collections.disjoint(index.aliases().keySet(), names)) {
                found.add(name);
            }
        });
        dataStreams.forEach((stream, behind) -> {
            if (names.contains(stream)) {
                found.addAll(behind);
            }
        });
        return found;
    }

    /** All aliases' names. */
    Set<String> aliasNames() {
        Set<String> names = new TreeSet<>();
        indices.values().forEach(index -> names.addAll(index.aliases().keySet()));
        return names;
    }

    void write(Path folder) throws IOException {
        write(folder, FILE, this);
    }

    static Inventory read(Path folder) throws IOException {
        return read(folder, FILE, Inventory.class);
    }

    static void write(Path folder, String name, Object value) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
        RestoreFiles.write(
                new ByteArrayInputStream(Json.mapper().writeValueAsBytes(value)),
                folder.resolve(name),
                OutputCheck.ANYTHING);
    }

    static <T> T read(Path folder, String name, Class<T> type) throws IOException {
        Path file = folder.resolve(name);
        if (Files.size(file) > LARGEST_FILE) {
            throw JobException.corrupt("the backup's " + name + " is too large", null);
        }
        try {
            return Json.mapper().readValue(Files.readAllBytes(file), type);
        } catch (JacksonException e) {
            throw JobException.corrupt("the backup's " + name + " cannot be read", e);
        }
    }

    static void fetchTo(RestoreOrder order, String artifact, Path folder) throws IOException {
        RestoreFiles.fetch(order, artifact, folder.resolve(FILE), OutputCheck.ANYTHING);
    }

    /** Texts of a list. */
    static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asString("")));
        return texts;
    }
}
