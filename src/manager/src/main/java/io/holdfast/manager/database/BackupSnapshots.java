package io.holdfast.manager.database;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.database.Backups.State;
import io.holdfast.protocol.Snapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Backups whose data is a snapshot in the data service's own repository. Only the service can look there, so agents tell
 * what they find, and remove what is not needed.
 */
public final class BackupSnapshots {
    /** A backup may have ended between an agent's look and its word. */
    private static final Duration YOUNG = Duration.ofMinutes(10);

    /** After so long without a look at the repository its backups count no more. */
    private static final Duration UNSEEN = Duration.ofDays(1);

    private final Database database;

    public BackupSnapshots(Database database) {
        this.database = database;
    }

    /** Whether the agent finds a backup's snapshot. */
    public enum Snapshot {
        KEPT,
        MISSING
    }

    /**
     * What differs, all backups by their names in the store.
     *
     * @param unneeded found, and of backups that were deleted or have failed for good: in the words of the agent
     * @param missing good ones whose snapshots are not found any more; they are suspect now
     * @param back those that are found again; they are to be read back
     */
    public record Difference(List<String> unneeded, List<String> missing, List<String> back) {}

    /** A backup as it is compared. */
    record Row(
            long id, String backupId, State state, @Nullable Snapshot snapshot, boolean clean, boolean young) {}

    /**
     * Compares what an agent finds with the catalogue, and notes it there.
     *
     * @param found names of backups in the store, in lower case
     */
    public Difference compare(long instance, Collection<String> found) {
        Set<String> names = new TreeSet<>(found);
        return database.transaction(instance, () -> {
            noteLook(instance, null);
            List<String> unneeded = new ArrayList<>();
            List<String> missing = new ArrayList<>();
            List<String> back = new ArrayList<>();
            for (Row row : rows(instance)) {
                String name = row.backupId().toLowerCase(Locale.ROOT);
                boolean isFound = names.contains(name);
                if (row.state() == State.DELETED || (row.state() == State.FAILED && row.clean())) {
                    if (isFound) {
                        unneeded.add(name);
                    } else {
                        update(row.id(), "snapshot = NULL");
                    }
                } else if (!isFound
                        && row.snapshot() == Snapshot.KEPT
                        && row.state().isListed()
                        && !row.young()) {
                    miss(row);
                    missing.add(row.backupId());
                } else if (isFound && row.snapshot() == Snapshot.MISSING) {
                    update(row.id(), "snapshot = 'KEPT', verification = 'QUEUED'");
                    back.add(row.backupId());
                }
            }
            return new Difference(unneeded, missing, back);
        });
    }

    /**
     * Notes that an agent cannot look at its service's repository. When that goes on for a day, all backups there are
     * missing until it can.
     *
     * @param failure why, for people
     * @return the names in the store of those that were not missing before
     */
    public List<String> unseen(long instance, String failure) {
        return database.transaction(instance, () -> {
            noteLook(instance, failure);
            List<String> missing = new ArrayList<>();
            if (isUnseen(instance)) {
                for (Row row : rows(instance)) {
                    if (row.snapshot() == Snapshot.KEPT && row.state().isListed()) {
                        miss(row);
                        missing.add(row.backupId());
                    }
                }
            }
            return missing;
        });
    }

    private void miss(Row row) {
        update(row.id(), "snapshot = 'MISSING', state = 'SUSPECT', verification = 'QUEUED'"); // which then says why
    }

    /** A first failure counts as the look from which on time is counted. */
    private void noteLook(long instance, @Nullable String failure) {
        database.write(handle -> handle.createUpdate("""
                        UPDATE instance SET snapshots_failure = :failure,
                          snapshots_seen_at = CASE WHEN :failed THEN coalesce(snapshots_seen_at, %s) ELSE %s END
                        WHERE id = :id
                        """.formatted(Database.NOW, Database.NOW))
                .bind("id", instance)
                .bind("failed", failure != null)
                .bind("failure", failure)
                .execute());
    }

    private boolean isUnseen(long instance) {
        return database.read(handle -> handle.createQuery("""
                                SELECT count(*) FROM instance WHERE id = :id AND snapshots_seen_at < %s - :unseen
                                """.formatted(Database.NOW))
                        .bind("id", instance)
                        .bind("unseen", UNSEEN.toMillis())
                        .mapTo(Integer.class)
                        .one()
                == 1);
    }

    /** The agent has just made it. */
    public void noteKept(long backup) {
        update(backup, "snapshot = 'KEPT'");
    }

    /** Whether a backup's data is a snapshot. */
    static boolean isOne(Manifest manifest) {
        return manifest.artifacts().stream()
                .anyMatch(artifact -> artifact.type().equals(Snapshots.ARTIFACT_TYPE));
    }

    private List<Row> rows(long instance) {
        return database.read(handle -> handle.createQuery("""
                        SELECT id, backup_id, state, snapshot, clean,
                          coalesce(finished_at > %s - :young, false) AS young
                        FROM backup WHERE instance = :instance AND (snapshot IS NOT NULL OR state = 'FAILED')
                        """.formatted(Database.NOW))
                .bind("instance", instance)
                .bind("young", YOUNG.toMillis())
                .map(RecordMapper.of(Row.class))
                .list());
    }

    private void update(long backup, String assignments) {
        database.write(handle -> handle.createUpdate("UPDATE backup SET " + assignments + " WHERE id = :id")
                .bind("id", backup)
                .execute());
    }
}
