package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.CheckedStream;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.DumpStream;
import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.attempt.AttemptId;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.format.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A snapshot of all indexes, and what else a restore needs to know. */
final class SearchDump implements Dump {
    static final String INVENTORY = "inventory";

    private final RestClient rest;
    private final Engine engine;
    private final SnapshotPlace place;
    private final BackupId backup;
    private final AttemptId attempt;
    private final @Nullable Long estimatedBytes;
    private final Map<String, Long> facts = new TreeMap<>();
    private List<String> notes = List.of();
    private byte[] inventory = new byte[0];

    SearchDump(RestClient rest, Engine engine, SnapshotPlace place, BackupId backup, AttemptId attempt)
            throws IOException {
        this.rest = rest;
        this.engine = engine;
        this.place = place;
        this.backup = backup;
        this.attempt = attempt;
        this.estimatedBytes = place.artifactBytes(bytes(rest, Inventory.of(rest).speaking()));
    }

    @Override
    public String engineVersion() {
        return engine.version();
    }

    @Override
    public @Nullable Long estimatedBytes() {
        return estimatedBytes;
    }

    @Override
    public List<Artifact> artifacts() {
        return List.of(
                new DumpStream(place.artifact(), place.type(), this::data),
                new DumpStream(INVENTORY, INVENTORY, () -> new ByteArrayInputStream(inventory)));
    }

    @Override
    public Map<String, Long> facts() {
        return facts;
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    /** How large the primary shards are. */
    static long bytes(RestClient rest, Iterable<String> indices) throws IOException {
        List<String> names = new ArrayList<>();
        indices.forEach(names::add);
        long bytes = 0;
        for (String list : RestClient.lists(names)) {
            bytes += rest.get("/" + list
                            + "/_stats/store?ignore_unavailable=true&filter_path=_all.primaries.store.size_in_bytes")
                    .path("_all")
                    .path("primaries")
                    .path("store")
                    .path("size_in_bytes")
                    .asLong(0);
        }
        return bytes;
    }

    private InputStream data() throws IOException, InterruptedException {
        Repository repository = place.beginDump(backup, attempt);
        try {
            snapshot(repository);
            return new Checked(repository, place.read(repository));
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            end(false);
            throw e;
        }
    }

    /** Must not hide how it came to it: what cannot be cleared away now is cleared away later. */
    private void end(boolean whole) {
        Quietly.run(() -> place.endDump(backup, attempt, whole));
    }

    private void snapshot(Repository repository) throws IOException, InterruptedException {
        List<String> patterns = new ArrayList<>(List.of("*", "-" + Trial.PREFIX + "*"));
        Inventory present = Inventory.of(rest);
        Conflicts.requireComplete(rest, present.indices().keySet());
        Map<String, Documents> before = Documents.of(rest, present.speaking());
        Repository.Content content = repository.snapshot(patterns, true);
        Set<String> system = Inventory.systemIndices(rest);
        List<String> indices = content.indices().stream()
                .filter(name -> !system.contains(name))
                .toList();
        Inventory now = Inventory.of(rest);
        Map<String, Documents> after = Documents.of(
                rest, indices.stream().filter(now.speaking()::contains).toList());
        Map<String, Long> documents = new TreeMap<>();
        indices.forEach(name -> {
            Documents count = after.get(name);
            if (count != null && count.equals(before.get(name))) {
                documents.put(name, count.count());
            }
        });
        Inventory has = now.in(indices, content.dataStreams(), documents);
        notes = Lifecycle.notes(has);
        inventory = Json.mapper().writeValueAsBytes(has);
        facts.put("indices", (long) has.indices().size());
        facts.put("system_indices", (long) content.indices().size() - indices.size());
        facts.put("data_streams", (long) has.dataStreams().size());
        facts.put("aliases", (long) has.aliasNames().size());
        facts.put("definitions", has.definitions().count());
        facts.putAll(place.facts(repository));
        if (documents.size() == has.indices().size()) {
            facts.put(
                    "documents",
                    documents.values().stream().mapToLong(Long::longValue).sum());
        }
    }

    /** Ends well only when the snapshot is still there after all of it was read: nobody has removed it meanwhile. */
    private final class Checked extends CheckedStream {
        Checked(Repository repository, InputStream in) {
            super(in, OutputCheck.atEnd(repository::requireWhole));
        }

        @Override
        public void close() throws IOException {
            super.close();
            SearchDump.this.end(whole());
        }
    }
}
