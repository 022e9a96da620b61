package io.holdfast.manager.publishing;

import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of segments that attempts have borrowed. */
final class BorrowedTable {
    private final Database database;

    BorrowedTable(Database database) {
        this.database = database;
    }

    /**
     * A borrowed segment.
     *
     * @param position which of its artifact's segments it is, from 0
     * @param line what the lender's list says of it, or would say
     * @param md5 of its object, in base64, when an earlier attempt of the job has brought it; null when it was proven before
     */
    record Borrowed(
            String artifact,
            long position,
            SegmentLine line,
            @Nullable String md5) {}

    /** An object that is borrowed, however often. */
    record Borrowing(
            String fromBackup,
            int fromAttempt,
            int number,
            int bytes,
            String sha256,
            @Nullable String md5) {
        SegmentName name() {
            return new SegmentName(fromBackup, fromAttempt, number);
        }
    }

    /**
     * Notes some. The same again is fine.
     *
     * @return false, with nothing noted, when the epoch is not live
     * @throws OutOfBounds when a position is another borrowed segment's
     */
    boolean add(long instance, long job, int epoch, List<Borrowed> some) {
        return database.write(instance, handle -> {
            if (!AttemptSegmentTable.isLive(handle, job, epoch)) {
                return false;
            }
            var batch = handle.prepareBatch("""
                            INSERT INTO borrowed
                              (job, epoch, artifact, position, fingerprint, from_backup, from_attempt, number, bytes,
                                sha256, share, body, md5)
                            VALUES (:job, :epoch, :artifact, :position, :fingerprint, :backup, :attempt, :number,
                              :bytes, :sha256, :share, :body, :md5)
                            ON CONFLICT DO NOTHING
                            """);
            for (Borrowed each : some) {
                SegmentLine line = each.line();
                batch.bind("job", job)
                        .bind("epoch", epoch)
                        .bind("artifact", each.artifact())
                        .bind("position", each.position())
                        .bind("fingerprint", line.fingerprint().hex())
                        .bind("backup", line.name().backupId())
                        .bind("attempt", line.name().attempt())
                        .bind("number", line.name().number())
                        .bind("bytes", line.bytes())
                        .bind("sha256", line.sha256())
                        .bind("share", line.key().share())
                        .bind("body", line.key().body())
                        .bind("md5", each.md5())
                        .add();
            }
            for (Borrowed each : AttemptSegmentTable.notAdded(batch.execute(), some)) {
                int same = handle.createQuery("""
                                SELECT count(*) FROM borrowed
                                WHERE job = :job AND epoch = :epoch AND artifact = :artifact AND position = :position
                                  AND from_backup = :backup AND from_attempt = :attempt AND number = :number
                                """)
                        .bind("job", job)
                        .bind("epoch", epoch)
                        .bind("artifact", each.artifact())
                        .bind("position", each.position())
                        .bind("backup", each.line().name().backupId())
                        .bind("attempt", each.line().name().attempt())
                        .bind("number", each.line().name().number())
                        .mapTo(Integer.class)
                        .one();
                OutOfBounds.require(same == 1, "position");
            }
            return true;
        });
    }

    /** The backups in whose folders the borrowed objects are. */
    List<String> folders(long job, int epoch) {
        return database.read(handle -> handle.createQuery(
                        "SELECT DISTINCT from_backup FROM borrowed WHERE job = :job AND epoch = :epoch")
                .bind("job", job)
                .bind("epoch", epoch)
                .mapTo(String.class)
                .list());
    }

    /** How many objects are borrowed. */
    long count(long job, int epoch) {
        return database.read(handle -> handle.createQuery("""
                        SELECT count(*) FROM (
                          SELECT DISTINCT from_backup, from_attempt, number FROM borrowed
                          WHERE job = :job AND epoch = :epoch) AS each_one
                        """)
                .bind("job", job)
                .bind("epoch", epoch)
                .mapTo(Long.class)
                .one());
    }

    /** One of the borrowed objects, by its place in some order. */
    List<Borrowing> one(long job, int epoch, long place) {
        return database.read(handle -> handle.createQuery("""
                        SELECT DISTINCT from_backup, from_attempt, number, bytes, sha256, md5 FROM borrowed
                        WHERE job = :job AND epoch = :epoch
                        ORDER BY from_backup, from_attempt, number LIMIT 1 OFFSET :place
                        """)
                .bind("job", job)
                .bind("epoch", epoch)
                .bind("place", place)
                .map(RecordMapper.of(Borrowing.class))
                .list());
    }

    /** Some of the objects that are borrowed from one folder, in the order of their names, behind one. */
    List<Borrowing> behind(long job, int epoch, String fromBackup, int attempt, int number, int most) {
        return database.read(handle -> handle.createQuery("""
                        SELECT DISTINCT from_backup, from_attempt, number, bytes, sha256, md5 FROM borrowed
                        WHERE job = :job AND epoch = :epoch AND from_backup = :backup
                          AND (from_attempt > :attempt OR from_attempt = :attempt AND number > :number)
                        ORDER BY from_attempt, number LIMIT :most
                        """)
                .bind("job", job)
                .bind("epoch", epoch)
                .bind("backup", fromBackup)
                .bind("attempt", attempt)
                .bind("number", number)
                .bind("most", most)
                .map(RecordMapper.of(Borrowing.class))
                .list());
    }
}
