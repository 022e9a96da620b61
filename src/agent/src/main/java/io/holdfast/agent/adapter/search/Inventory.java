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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What a cluster has, or had, without the engine's own indexes.
 *
 * @param indices by name; those behind data streams too
 * @param dataStreams the indexes behind each
 * @param definitions templates and pipelines
 */
record Inventory(Map<String, Index> indices, Map<String, List<String>> dataStreams, Definitions definitions) {
    private static final String FILE = "inventory.json";
    private static final long LARGEST_FILE = 256L * 1024 * 1024;

    /** Set by the engine itself when a disk is full, and taken back by itself. */
    private static final String DISK_BLOCK = "index.blocks.read_only_allow_delete";

    /**
     * An index.
     *
     * @param documents how many it has in the snapshot; null when that is not known, since somebody wrote meanwhile
     * @param closed nobody can read it
     * @param blocks its settings {@code index.blocks.…}
     * @param aliases by name, as the engine describes them
     */
    record Index(@Nullable Long documents, boolean closed, Map<String, String> blocks, Map<String, JsonNode> aliases) {
        Index {
            blocks = Collections.unmodifiableMap(new TreeMap<>(blocks));
            aliases = Collections.unmodifiableMap(new TreeMap<>(aliases));
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
        Set<String> system = systemIndices(rest);
        JsonNode resolved = rest.get("/_resolve/index/*?expand_wildcards=all");
        Map<String, Boolean> closed = new TreeMap<>();
        for (JsonNode index : resolved.path("indices")) {
            String name = index.path("name").asString("");
            if (!system.contains(name) && !name.startsWith(Trial.PREFIX)) {
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
        Map<String, Map<String, JsonNode>> aliases = new TreeMap<>();
        Map<String, Map<String, String>> blocks = new TreeMap<>();
        for (String list : RestClient.lists(closed.keySet())) {
            String some = "?expand_wildcards=all&ignore_unavailable=true";
            rest.get("/" + list + "/_alias" + some)
                    .properties()
                    .forEach(index -> index.getValue()
                            .path("aliases")
                            .properties()
                            .forEach(alias -> aliases.computeIfAbsent(index.getKey(), name -> new TreeMap<>())
                                    .put(alias.getKey(), alias.getValue())));
            rest.get("/" + list + "/_settings/index.blocks.*" + some + "&flat_settings=true")
                    .properties()
                    .forEach(index -> index.getValue()
                            .path("settings")
                            .properties()
                            .forEach(block -> {
                                if (!block.getKey().equals(DISK_BLOCK)) {
                                    blocks.computeIfAbsent(index.getKey(), name -> new TreeMap<>())
                                            .put(
                                                    block.getKey(),
                                                    block.getValue().asString());
                                }
                            }));
        }
        Map<String, Index> indices = new TreeMap<>();
        closed.forEach((name, isClosed) -> indices.put(
                name,
                new Index(null, isClosed, blocks.getOrDefault(name, Map.of()), aliases.getOrDefault(name, Map.of()))));
        return new Inventory(indices, dataStreams, Definitions.of(rest));
    }

    /** What of it a snapshot has, with the counts that are known. */
    Inventory in(List<String> snapshotIndices, List<String> snapshotStreams, Map<String, Long> documents) {
        Map<String, Index> has = new TreeMap<>();
        for (String name : snapshotIndices) {
            Index now = indices.getOrDefault(name, new Index(null, false, Map.of(), Map.of()));
            has.put(name, new Index(documents.get(name), now.closed(), now.blocks(), now.aliases()));
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
