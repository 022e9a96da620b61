package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.LeftOut;
import io.holdfast.agent.adapter.LiveData;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A cluster's indexes, as a restore replaces them: those that the backup has are deleted, and restored from the unpacked
 * repository under their own names, which was tried under other ones before. Until they are opened again, the restored
 * ones take no writes, and a write to one that is missing does not make it.
 */
final class SearchData implements LiveData {
    /** Marks that there may be indexes of a trial. */
    static final String TRIAL = "trial";

    private static final String COUNTS_FILE = "documents.json";
    private static final String SETTINGS_FILE = "settings.json";

    /** Whether a write to an index that is not there makes one. */
    private static final String AUTO_CREATE = "action.auto_create_index";

    private static final String PERSISTENT = "persistent";
    private static final List<String> LASTING = List.of(PERSISTENT, "transient");
    private static final String WRITE_BLOCK = "index.blocks.write";

    private final Cluster cluster;
    private final RestClient rest;
    private final SnapshotPlace place;
    private final Marks marks;

    SearchData(Cluster cluster, SnapshotPlace place, Marks marks) {
        this.cluster = cluster;
        this.rest = cluster.rest();
        this.place = place;
        this.marks = marks;
    }

    @Override
    public long preflight(Manifest manifest) throws IOException, InterruptedException {
        requireOfThisPlace(manifest);
        long unpacked = place.artifact(manifest).plaintextBytes();
        RestoreFiles.artifact(manifest, SearchDump.INVENTORY);
        place.require();
        Engine engine = cluster.engine();
        engine.requireSupported();
        engine.requireCanRestore(manifest.engineVersion());
        Set<String> live = Inventory.of(rest).speaking();
        place.requireRoom(unpacked + SearchDump.bytes(rest, live));
        return stagedBytes(manifest);
    }

    private void requireOfThisPlace(Manifest manifest) throws JobException {
        boolean snapshot = manifest.artifacts().stream()
                .anyMatch(artifact -> artifact.type().equals(Snapshots.ARTIFACT_TYPE));
        if (snapshot != place.type().equals(Snapshots.ARTIFACT_TYPE)) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    snapshot
                            ? "the backup is a snapshot in a repository of the engine, but the agent uses a shared folder"
                            : "the backup contains its data, but the agent uses a repository of the engine",
                    "for this restore, give the agent adapter."
                            + (snapshot ? "engine_repository" : "repository_path")
                            + " as it was when the backup was made");
        }
    }

    /** The inventory; everything else lies elsewhere. */
    @Override
    public long stagedBytes(Manifest manifest) {
        return manifest.artifacts().stream()
                .filter(artifact -> artifact.name().equals(SearchDump.INVENTORY))
                .mapToLong(Manifest.Artifact::plaintextBytes)
                .sum();
    }

    @Override
    public void stage(RestoreOrder order, RestoreFiles files) throws IOException, InterruptedException {
        Inventory.fetchTo(order, SearchDump.INVENTORY, files.backup());
        LeftOut leftOut = LeftOut.of(files);
        Inventory backup = Conflicts.require(rest, Inventory.read(files.backup()), Inventory.of(rest), leftOut);
        place.stage(order, files);
        if (backup.indices().isEmpty()) {
            backup.write(files.backup());
            Inventory.write(files.backup(), COUNTS_FILE, Map.of());
            return;
        }
        Trial.remove(rest);
        marks.set(TRIAL);
        try {
            Inventory.write(files.backup(), COUNTS_FILE, new Trial(rest, place.staged(files)).run(backup, leftOut));
            Set<String> broken = new TreeSet<>(backup.indices().keySet());
            broken.removeIf(index -> !leftOut.has(Trial.part(index)));
            backup.except(broken).write(files.backup()); // from here on there are no others
        } finally {
            Quietly.run(this::removeTrial);
        }
    }

    private void removeTrial() throws IOException {
        Trial.remove(Cluster.afterwards(cluster.config()).rest());
        marks.clear(TRIAL);
    }

    /** What cannot be removed now is removed later. */
    @Override
    public void discard(RestoreFiles files) {
        Quietly.run(() -> place.discard(files.name()));
    }

    @Override
    public void close(RestoreFiles files) throws IOException {
        Inventory live = Inventory.of(rest);
        live.write(files.closed());
        JsonNode settings = rest.get("/_cluster/settings?flat_settings=true");
        Map<String, Map<String, String>> autoCreate = new TreeMap<>();
        for (String lasting : LASTING) {
            String value = settings.path(lasting).path(AUTO_CREATE).asString(null);
            // A transient one goes before the other one, but one that is not there needs none.
            if (value != null || lasting.equals(PERSISTENT)) {
                autoCreate.put(lasting, Collections.singletonMap(AUTO_CREATE, value));
            }
        }
        Inventory.write(files.closed(), SETTINGS_FILE, autoCreate);
        Map<String, Object> never = new TreeMap<>(autoCreate);
        never.replaceAll((lasting, value) -> Map.of(AUTO_CREATE, "false"));
        rest.put("/_cluster/settings", never);
        Inventory replaced = live.sharedWith(Inventory.read(files.backup()));
        resetOtherBlocks(replaced.indices());
        Set<String> written = replaced.writtenOfStreams();
        List<String> open = writable(replaced);
        for (String list : RestClient.lists(
                open.stream().filter(each -> !written.contains(each)).toList())) {
            rest.put("/" + list + "/_block/write", null);
        }
        // The request for blocks, which also awaits the writes that have begun, takes none of these.
        set(open.stream().filter(written::contains).toList(), WRITE_BLOCK, "true");
    }

    @Override
    public void save(RestoreFiles files) throws IOException, InterruptedException {
        Inventory replaced = Inventory.read(files.closed()).sharedWith(Inventory.read(files.backup()));
        replaced.write(files.old());
        if (!replaced.indices().isEmpty()) {
            place.newSafetyCopy(files).snapshot(List.copyOf(replaced.names()), false);
        }
    }

    @Override
    public void replace(RestoreFiles files, Content by) throws IOException, InterruptedException {
        Inventory wanted = Inventory.read(files.of(by));
        Inventory backup = Inventory.read(files.backup());
        Inventory before = Inventory.read(files.closed());
        Inventory live = Inventory.of(rest);
        Repository from = wanted.indices().isEmpty() ? null : source(files, by);
        if (from != null) {
            from.requireWhole(); // before what is there goes
        }
        if (by == Content.BACKUP) {
            backup.definitions()
                    .put(
                            rest,
                            live.definitions(),
                            LeftOut.of(files)); // may be refused, since they conflict with others
        }
        Inventory replaced = live.sharedWith(backup);
        resetOtherBlocks(replaced.indices());
        delete(replaced);
        switch (by) {
            case BACKUP -> takeAliases(live.without(backup), backup.aliasNames());
            case OLD -> {
                backup.definitions().removeAllBut(rest, before.definitions());
                before.definitions()
                        .sharedWith(backup.definitions())
                        .put(rest, live.definitions(), LeftOut.nothing(files));
                giveAliasesBack(before.without(backup), live, backup.aliasNames());
            }
        }
        if (from != null) {
            restore(from, wanted);
        }
    }

    /** Where no node fits what an index is tied to, it comes back without that: else nobody could have any of it. */
    private void restore(Repository from, Inventory wanted) throws IOException, InterruptedException {
        Map<Set<String>, Inventory> byUnfit = wanted.groupedBy(Nodes.of(rest)::unfit);
        for (Map.Entry<Set<String>, Inventory> group : byUnfit.entrySet()) {
            List<String> ignored = new ArrayList<>(group.getKey());
            ignored.add("index.blocks.*");
            from.restore(
                    group.getValue().names(),
                    Map.of(
                            "include_aliases",
                            true,
                            "ignore_index_settings",
                            ignored,
                            "index_settings",
                            Map.of(WRITE_BLOCK, true)),
                    group.getValue().indices().keySet());
        }
    }

    @Override
    public List<String> safetyCopy(RestoreFiles files, Path folder) throws IOException {
        return Inventory.read(folder).indices().isEmpty()
                ? List.of(folder.toString())
                : List.of(folder.toString(), place.safetyCopyName(files));
    }

    private Repository source(RestoreFiles files, Content content) throws IOException {
        return switch (content) {
            case BACKUP -> place.staged(files);
            case OLD -> place.safetyCopy(files);
        };
    }

    @Override
    public void validate(RestoreFiles files) throws IOException {
        Inventory backup = Inventory.read(files.backup());
        JsonNode expected = Inventory.read(files.backup(), COUNTS_FILE, JsonNode.class);
        Inventory live = Inventory.of(rest);
        Map<String, Documents> found =
                Documents.of(rest, live.sharedWith(backup).indices().keySet());
        for (String name : backup.indices().keySet()) {
            Documents count = found.get(name);
            if (count == null || count.count() != expected.path(name).asLong(-1)) {
                throw invalid("index " + name + " has " + (count == null ? "no" : Long.toString(count.count()))
                        + " documents instead of " + expected.path(name).asLong(-1));
            }
        }
        List<String> missing = new ArrayList<>(backup.definitions().missingIn(live.definitions()));
        missing.removeIf(LeftOut.of(files)::has);
        if (!live.dataStreams().keySet().containsAll(backup.dataStreams().keySet()) || !missing.isEmpty()) {
            throw invalid("data streams or definitions are missing: " + missing);
        }
    }

    @Override
    public Result result(RestoreFiles files) throws IOException {
        Inventory backup = Inventory.read(files.backup());
        Inventory before = Inventory.read(files.closed());
        Inventory alone = before.without(backup);
        List<String> leftAlone = new ArrayList<>(alone.names());
        leftAlone.addAll(before.definitions().missingIn(backup.definitions()));
        List<String> notes = new ArrayList<>(LeftOut.of(files).sentences());
        Nodes nodes = Nodes.of(rest);
        backup.indices().forEach((name, index) -> {
            Set<String> unfit = nodes.unfit(index.tied());
            if (!unfit.isEmpty()) {
                notes.add("index " + name + " was restored without its settings " + unfit
                        + ": with them no node would accept it");
            }
        });
        notes.addAll(Lifecycle.notes(backup));
        Set<String> taken = new TreeSet<>(alone.aliasNames());
        taken.retainAll(backup.aliasNames());
        if (!taken.isEmpty()) {
            notes.add("these aliases are as in the backup, and were removed from indexes that it does not have: "
                    + String.join(", ", taken));
        }
        return new Result(List.copyOf(backup.names()), leftAlone, notes);
    }

    @Override
    public void open(RestoreFiles files, Content now) throws IOException, InterruptedException {
        if (!Files.exists(files.closed().resolve(SETTINGS_FILE))) {
            return; // nothing was changed yet
        }
        Inventory before = Inventory.read(files.closed());
        Inventory backup = Inventory.read(files.backup());
        Inventory content = switch (now) {
            case BACKUP -> backup;
            case OLD -> before.sharedWith(backup);
        };
        rest.put("/_cluster/settings", Inventory.read(files.closed(), SETTINGS_FILE, JsonNode.class));
        open(content.indices(), Inventory.of(rest).indices());
        if (now == Content.BACKUP) {
            Quietly.run(() -> place.release(files)); // what stays is removed with the pre-restore copy
        }
    }

    /** Gives indexes the blocks that they are to have, and closes those that are to be closed. */
    private void open(Map<String, Inventory.Index> wanted, Map<String, Inventory.Index> live) throws IOException {
        Map<String, Inventory.Index> changed = new TreeMap<>();
        wanted.forEach((name, index) -> {
            Inventory.Index now = live.get(name);
            if (now != null && !(now.blocks().equals(index.blocks()) && now.closed() == index.closed())) {
                changed.put(name, now);
            }
        });
        resetOtherBlocks(changed);
        Map<String, Inventory.Index> indices = new TreeMap<>(wanted);
        indices.keySet().retainAll(changed.keySet());
        set(
                indices.entrySet().stream()
                        .filter(index -> !index.getValue().blocks().containsKey(WRITE_BLOCK))
                        .map(Map.Entry::getKey)
                        .toList(),
                WRITE_BLOCK,
                null);
        for (Map.Entry<String, Inventory.Index> index : indices.entrySet()) {
            if (index.getValue().closed()) {
                rest.post("/" + RestClient.encoded(index.getKey()) + "/_close", null);
            }
            // With the write block first: the others keep settings from being changed.
            for (Map.Entry<String, String> block :
                    new TreeMap<>(index.getValue().blocks()).descendingMap().entrySet()) {
                set(List.of(index.getKey()), block.getKey(), block.getValue());
            }
        }
    }

    /** While an index has one of them it can be neither changed nor deleted. */
    private void resetOtherBlocks(Map<String, Inventory.Index> indices) throws IOException {
        for (Map.Entry<String, Inventory.Index> index : indices.entrySet()) {
            for (String block : index.getValue().blocks().keySet()) {
                if (!block.equals(WRITE_BLOCK)) {
                    set(List.of(index.getKey()), block, null);
                }
            }
        }
    }

    /** Data streams go with the indexes behind them. */
    private void delete(Inventory live) throws IOException {
        for (String list : RestClient.lists(live.dataStreams().keySet())) {
            rest.delete("/_data_stream/" + list);
        }
        Set<String> indices = new TreeSet<>(live.names());
        indices.removeAll(live.dataStreams().keySet());
        for (String list : RestClient.lists(indices)) {
            rest.delete("/" + list + "?ignore_unavailable=true");
        }
    }

    /** An alias that the backup has leads to what it has, and to nothing else. */
    private void takeAliases(Inventory from, Set<String> names) throws IOException {
        List<Object> actions = new ArrayList<>();
        from.indices()
                .forEach((index, has) -> has.aliases().keySet().stream()
                        .filter(names::contains)
                        .forEach(alias -> actions.add(Map.of("remove", Map.of("index", index, "alias", alias)))));
        change(actions);
    }

    private void giveAliasesBack(Inventory to, Inventory live, Set<String> names) throws IOException {
        List<Object> actions = new ArrayList<>();
        to.indices()
                .forEach((index, had) -> had.aliases().forEach((alias, definition) -> {
                    Inventory.Index now = live.indices().get(index);
                    if (names.contains(alias) && now != null && !now.aliases().containsKey(alias)) {
                        Map<String, Object> add = new TreeMap<>(Map.of("index", index, "alias", alias));
                        definition.properties().forEach(property -> add.put(property.getKey(), property.getValue()));
                        actions.add(Map.of("add", add));
                    }
                }));
        change(actions);
    }

    private void change(List<Object> actions) throws IOException {
        if (!actions.isEmpty()) {
            rest.post("/_aliases", Map.of("actions", actions));
        }
    }

    /** Changes one setting, or resets it: an index with a block takes no more than one at a time. */
    private void set(Collection<String> indices, String setting, @Nullable String value) throws IOException {
        for (String list : RestClient.lists(indices)) {
            rest.put("/" + list + "/_settings", Collections.singletonMap(setting, value));
        }
    }

    private static List<String> writable(Inventory inventory) {
        return inventory.indices().entrySet().stream()
                .filter(index -> !index.getValue().closed()
                        && !"true".equals(index.getValue().blocks().get(WRITE_BLOCK)))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static JobException invalid(String message) {
        return new JobException(
                FailureCode.VALIDATION_FAILED,
                message,
                "restore a different backup, and run 'holdfast verify' on this one");
    }
}
