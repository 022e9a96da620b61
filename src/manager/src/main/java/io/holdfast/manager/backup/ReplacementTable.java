package io.holdfast.manager.backup;

import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.util.List;

/** The rows of {@link Replacements}. */
final class ReplacementTable {
    /** An artifact's name, since a line has one; the one that counts is that of the line in whose place it is read. */
    private static final String ANY = "any";

    private final Database database;

    ReplacementTable(Database database) {
        this.database = database;
    }

    private record Row(
            String lostBackup,
            int lostAttempt,
            int lostNumber,
            int lostBytes,
            String foundIn,
            String fingerprint,
            String fromBackup,
            int fromAttempt,
            int number,
            int bytes,
            String sha256,
            String share,
            String body) {
        Replacement replacement() {
            SegmentName name = new SegmentName(fromBackup, fromAttempt, number);
            return new Replacement(
                    new SegmentName(lostBackup, lostAttempt, lostNumber),
                    lostBytes,
                    foundIn,
                    NotedSegment.line(ANY, fingerprint, bytes, sha256, share, body, name));
        }
    }

    List<Replacement> list(String folder) {
        return database.read(handle -> handle.createQuery("SELECT * FROM replacement WHERE folder = :folder")
                .bind("folder", folder)
                .map(RecordMapper.of(Row.class))
                .map(Row::replacement)
                .list());
    }

    boolean add(long instance, String folder, long foundIn, Replacement replacement, int most) {
        SegmentLine line = replacement.line();
        return database.write(
                instance,
                handle -> handle.createUpdate("""
                                INSERT INTO replacement
                                  (folder, lost_backup, lost_attempt, lost_number, lost_bytes, found_in, fingerprint,
                                    from_backup, from_attempt, number, bytes, sha256, share, body)
                                SELECT :folder, :lostBackup, :lostAttempt, :lostNumber, :lostBytes, backup_id,
                                  :fingerprint, :backup, :attempt, :number, :bytes, :sha256, :share, :body
                                FROM backup
                                WHERE id = :foundIn AND state IN ('DONE', 'VERIFIED', 'SUSPECT')
                                  AND (SELECT count(*) FROM replacement WHERE folder = :folder) < :most
                                ON CONFLICT (folder, lost_backup, lost_attempt, lost_number) DO UPDATE SET
                                  found_in = excluded.found_in, from_backup = excluded.from_backup,
                                  from_attempt = excluded.from_attempt, number = excluded.number,
                                  bytes = excluded.bytes, sha256 = excluded.sha256, share = excluded.share,
                                  body = excluded.body
                                """)
                                .bind("folder", folder)
                                .bind("lostBackup", replacement.lost().backupId())
                                .bind("lostAttempt", replacement.lost().attempt())
                                .bind("lostNumber", replacement.lost().number())
                                .bind("lostBytes", replacement.lostBytes())
                                .bind("foundIn", foundIn)
                                .bind("fingerprint", line.fingerprint().hex())
                                .bind("backup", line.name().backupId())
                                .bind("attempt", line.name().attempt())
                                .bind("number", line.name().number())
                                .bind("bytes", line.bytes())
                                .bind("sha256", line.sha256())
                                .bind("share", line.key().share())
                                .bind("body", line.key().body())
                                .bind("most", most)
                                .execute()
                        == 1);
    }

    void remove(String folder, SegmentName lost) {
        database.note(handle -> handle.createUpdate("""
                        DELETE FROM replacement WHERE folder = :folder AND lost_backup = :backup
                          AND lost_attempt = :attempt AND lost_number = :number
                        """)
                .bind("folder", folder)
                .bind("backup", lost.backupId())
                .bind("attempt", lost.attempt())
                .bind("number", lost.number())
                .execute());
    }
}
