package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.AttemptId;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.config.SearchConfig.EngineRepository;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.Snapshots;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A repository that the engine writes to on its own, such as one in S3: each snapshot has only what the ones before it do
 * not have. A backup's artifact says which snapshot it is; a pre-restore copy is one more snapshot.
 */
final class EngineStore implements SnapshotPlace {
    private static final String REPOSITORY = "holdfast";
    private static final String BACKUP = "backup-";
    private static final String ATTEMPT = "_";
    private static final String SAFETY = "before-";
    private static final String REFERENCE_FILE = "snapshot.json";

    private final EngineRepository settings;
    private final Cluster cluster;
    private final Cluster afterwards;
    private final Marks marks;

    /**
     * Which snapshot a backup is.
     *
     * @param snapshot its name
     * @param uuid the engine's own, which no other snapshot of that name would have
     * @param type the repository's, and
     * @param settings its settings: who has nothing but the backup finds the data by them
     */
    record Reference(String snapshot, String uuid, String type, Map<String, String> settings) {
        boolean names(Reference other) {
            return snapshot.equals(other.snapshot) && uuid.equals(other.uuid);
        }
    }

    EngineStore(EngineRepository settings, Cluster cluster, Marks marks) {
        this.settings = settings;
        this.cluster = cluster;
        this.afterwards = Cluster.afterwards(cluster.config());
        this.marks = marks;
    }

    @Override
    public String artifact() {
        return "snapshot";
    }

    @Override
    public String type() {
        return Snapshots.ARTIFACT_TYPE;
    }

    /** A cluster that was created again does not know it. */
    @Override
    public void require() throws IOException {
        registered(cluster, "").verify();
    }

    @Override
    public void requireRoom(long bytes) {
        // Nobody knows how much there is in the store.
    }

    @Override
    public Repository beginDump(BackupId backup, AttemptId attempt) throws IOException {
        for (String left : registered(cluster, "").beginningWith(BACKUP + lower(backup) + ATTEMPT)) {
            if (attempt(left) <= attempt.epoch()) {
                cluster.repository(REPOSITORY, left).delete();
            }
        }
        return cluster.repository(REPOSITORY, name(backup, attempt));
    }

    @Override
    public InputStream read(Repository dump) throws IOException {
        return new ByteArrayInputStream(Json.mapper().writeValueAsBytes(reference(dump)));
    }

    private Reference reference(Repository repository) throws IOException {
        repository.requireWhole();
        return new Reference(
                repository.snapshotName(),
                repository.info().path("uuid").asString(""),
                settings.type(),
                new TreeMap<>(settings.settings()));
    }

    @Override
    public @Nullable Long artifactBytes(long shards) {
        return null;
    }

    @Override
    public Map<String, Long> facts(Repository dump) throws IOException {
        JsonNode stats = dump.status().path("stats");
        return Map.of(
                "snapshot_bytes",
                stats.path("total").path("size_in_bytes").asLong(0),
                "snapshot_new_bytes",
                stats.path("incremental").path("size_in_bytes").asLong(0));
    }

    @Override
    public void endDump(BackupId backup, AttemptId attempt, boolean whole) throws IOException {
        if (!whole) {
            afterwards.repository(REPOSITORY, name(backup, attempt)).delete();
        }
    }

    @Override
    public void stage(RestoreOrder order, RestoreFiles files) throws IOException {
        marks.set(files.name());
        RestoreFiles.fetch(order, artifact(), files.backup().resolve(REFERENCE_FILE), OutputCheck.ANYTHING);
        Repository repository = staged(files);
        if (!repository.exists() || !reference(repository).names(reference(files))) {
            throw JobException.corrupt(
                    "the engine's repository does not have the backup's snapshot " + repository.snapshotName(), null);
        }
    }

    @Override
    public Repository staged(RestoreFiles files) throws IOException {
        return registered(cluster, reference(files).snapshot());
    }

    private static Reference reference(RestoreFiles files) throws IOException {
        return Inventory.read(files.backup(), REFERENCE_FILE, Reference.class);
    }

    @Override
    public Repository newSafetyCopy(RestoreFiles files) throws IOException {
        Repository repository = safetyCopy(files);
        repository.delete();
        return repository;
    }

    @Override
    public Repository safetyCopy(RestoreFiles files) throws IOException {
        return registered(cluster, safetyCopy(files.name()));
    }

    @Override
    public String safetyCopyName(RestoreFiles files) throws IOException {
        return "snapshot " + safetyCopy(files.name());
    }

    @Override
    public void release(RestoreFiles files) {
        // The backup's snapshot is where it has to.
    }

    @Override
    public void discard(String restore) throws IOException {
        afterwards.repository(REPOSITORY, safetyCopy(restore)).delete();
    }

    @Override
    public void tidy() {
        // The manager says what is not needed.
    }

    /** The backups whose snapshots are there, in lower case; fails when the nodes cannot use the repository. */
    List<String> backups() throws IOException {
        Repository repository = registered(afterwards, "");
        repository.verify();
        Set<String> backups = new TreeSet<>();
        for (String name : repository.readable(BACKUP)) {
            backups.add(name.substring(BACKUP.length(), Math.max(BACKUP.length(), name.lastIndexOf(ATTEMPT))));
        }
        return List.copyOf(backups);
    }

    /** Removes the snapshots of all attempts at backups. */
    void remove(List<String> backups) throws IOException {
        for (String backup : backups) {
            for (String name : registered(afterwards, "").beginningWith(BACKUP + backup + ATTEMPT)) {
                afterwards.repository(REPOSITORY, name).delete();
            }
        }
    }

    private Repository registered(Cluster by, String snapshot) throws IOException {
        Repository repository = by.repository(REPOSITORY, snapshot);
        repository.registerIfNew(settings.type(), settings.settings());
        return repository;
    }

    private static String name(BackupId backup, AttemptId attempt) {
        return BACKUP + lower(backup) + ATTEMPT + attempt.epoch();
    }

    private String safetyCopy(String restore) throws IOException {
        return SAFETY + restore + "-" + marks.agent();
    }

    private static int attempt(String name) {
        String number = name.substring(name.lastIndexOf(ATTEMPT) + 1);
        return number.matches("\\d{1,9}") ? Integer.parseInt(number) : Integer.MAX_VALUE;
    }

    /** Engines demand it of names. */
    private static String lower(BackupId backup) {
        return backup.value().toLowerCase(Locale.ROOT);
    }
}
