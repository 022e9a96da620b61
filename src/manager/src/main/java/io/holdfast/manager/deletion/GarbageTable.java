package io.holdfast.manager.deletion;

import io.holdfast.manager.sql.Database;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Which folders of backups seem to have garbage, as {@link GarbageCollection} has seen them first. */
final class GarbageTable {
    private final Database database;

    GarbageTable(Database database) {
        this.database = database;
    }

    /**
     * Notes what a folder looks like, unless the same is noted already.
     *
     * @return whether the same was noted so long ago
     */
    boolean look(String folder, String backupId, String digest, Duration ago) {
        return database.note(handle -> {
            boolean same = handle.createQuery("""
                                    SELECT count(*) FROM garbage WHERE folder = :folder AND backup_id = :backupId
                                      AND digest = :digest AND seen_at <= %s - :ago
                                    """.formatted(Database.NOW))
                            .bind("folder", folder)
                            .bind("backupId", backupId)
                            .bind("digest", digest)
                            .bind("ago", ago.toMillis())
                            .mapTo(Integer.class)
                            .one()
                    == 1;
            handle.createUpdate("""
                            INSERT INTO garbage (folder, backup_id, seen_at, digest)
                            VALUES (:folder, :backupId, %s, :digest)
                            ON CONFLICT (folder, backup_id) DO UPDATE SET seen_at = excluded.seen_at,
                              digest = excluded.digest WHERE garbage.digest <> excluded.digest
                            """.formatted(Database.NOW))
                    .bind("folder", folder)
                    .bind("backupId", backupId)
                    .bind("digest", digest)
                    .execute();
            return same;
        });
    }

    /** Forgets all folders of an instance but these: nothing in them seems to be garbage. */
    void forgetOthers(String folder, Set<String> backupIds) {
        List<String> noted =
                database.read(handle -> handle.createQuery("SELECT backup_id FROM garbage WHERE folder = :folder")
                        .bind("folder", folder)
                        .mapTo(String.class)
                        .list());
        noted.stream().filter(each -> !backupIds.contains(each)).forEach(each -> forget(folder, each));
    }

    /** Forgets a folder. */
    void forget(String folder, String backupId) {
        database.note(
                handle -> handle.createUpdate("DELETE FROM garbage WHERE folder = :folder AND backup_id = :backupId")
                        .bind("folder", folder)
                        .bind("backupId", backupId)
                        .execute());
    }
}
