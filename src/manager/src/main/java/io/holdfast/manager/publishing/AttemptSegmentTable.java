package io.holdfast.manager.publishing;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import io.holdfast.protocol.SegmentUploads;
import io.holdfast.protocol.SegmentUploads.Segment;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The rows of {@link AttemptSegments}. */
final class AttemptSegmentTable {
    private static final int FORGOTTEN_AT_ONCE = 10_000;

    private final Database database;

    AttemptSegmentTable(Database database) {
        this.database = database;
    }

    /**
     * A segment as the list has it.
     *
     * @param fromBackup in whose folder its object is; null when the attempt has brought it itself
     */
    record Listed(
            long position,
            String fingerprint,
            int bytes,
            String sha256,
            String share,
            String body,
            @Nullable String fromBackup,
            int fromAttempt,
            int number) {}

    /** How many segments an artifact has, the position of its last one, and the bytes of all. */
    record Artifact(String artifact, long segments, long last, long bytes) {}

    /** All segments that an attempt has brought. */
    record Total(long segments, long last, long bytes) {}

    /** The highest number of an attempt's segments. */
    record Last(int attempt, int last) {}

    /** Those of a batch that were there before. */
    static <T> List<T> notAdded(int[] added, List<T> all) {
        return IntStream.range(0, added.length)
                .filter(i -> added[i] == 0)
                .mapToObj(all::get)
                .toList();
    }

    static boolean isLive(Handle handle, long job, int epoch) {
        return handle.createQuery("SELECT count(*) FROM job WHERE id = :job AND epoch = :epoch AND state = 'RUNNING'")
                        .bind("job", job)
                        .bind("epoch", epoch)
                        .mapTo(Integer.class)
                        .one()
                == 1;
    }

    /**
     * Notes segments for which addresses are about to be given. The same again is fine.
     *
     * @return false, with nothing noted, when the epoch is not live
     * @throws OutOfBounds when a number or a position has been used for another segment
     */
    boolean add(long instance, long job, SegmentUploads asked) {
        return database.write(instance, handle -> {
            if (!isLive(handle, job, asked.epoch())) {
                return false;
            }
            var batch = handle.prepareBatch("""
                            INSERT INTO segment
                              (job, epoch, number, artifact, position, fingerprint, bytes, sha256, md5, share, body)
                            VALUES (:job, :epoch, :number, :artifact, :position, :fingerprint, :bytes, :sha256, :md5,
                              :share, :body)
                            ON CONFLICT DO NOTHING
                            """);
            for (Segment each : asked.segments()) {
                batch.bind("job", job)
                        .bind("epoch", asked.epoch())
                        .bind("number", each.number())
                        .bind("artifact", each.artifact())
                        .bind("position", each.position())
                        .bind("fingerprint", each.fingerprint())
                        .bind("bytes", each.bytes())
                        .bind("sha256", each.sha256())
                        .bind("md5", each.md5())
                        .bind("share", each.share())
                        .bind("body", each.body())
                        .add();
            }
            for (Segment each : notAdded(batch.execute(), asked.segments())) {
                OutOfBounds.require(
                        find(job, asked.epoch(), each.number())
                                .filter(each::equals)
                                .isPresent(),
                        "number");
            }
            return true;
        });
    }

    Optional<Segment> find(long job, int epoch, long number) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM segment WHERE job = :job AND epoch = :epoch AND number = :number")
                .bind("job", job)
                .bind("epoch", epoch)
                .bind("number", number)
                .map(RecordMapper.of(Segment.class))
                .findOne());
    }

    /** Some segments of an attempt, by their numbers, from one on. */
    List<Segment> from(long job, int epoch, long number, int most) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM segment WHERE job = :job AND epoch = :epoch AND number >= :number
                        ORDER BY number LIMIT :most
                        """)
                .bind("job", job)
                .bind("epoch", epoch)
                .bind("number", number)
                .bind("most", most)
                .map(RecordMapper.of(Segment.class))
                .list());
    }

    /** Some segments of an artifact, brought and borrowed, by their positions, from one on. */
    List<Listed> from(long job, int epoch, String artifact, long position, int most) {
        return database.read(handle -> handle.createQuery("""
                        SELECT position, fingerprint, bytes, sha256, share, body, NULL AS from_backup,
                          epoch AS from_attempt, number
                        FROM segment
                        WHERE job = :job AND epoch = :epoch AND artifact = :artifact AND position >= :position
                        UNION ALL
                        SELECT position, fingerprint, bytes, sha256, share, body, from_backup, from_attempt, number
                        FROM borrowed
                        WHERE job = :job AND epoch = :epoch AND artifact = :artifact AND position >= :position
                        ORDER BY position LIMIT :most
                        """)
                .bind("job", job)
                .bind("epoch", epoch)
                .bind("artifact", artifact)
                .bind("position", position)
                .bind("most", most)
                .map(RecordMapper.of(Listed.class))
                .list());
    }

    /** What the attempt's artifacts consist of, whether brought or borrowed. */
    List<Artifact> artifacts(long job, int epoch) {
        return database.read(handle -> handle.createQuery("""
                        SELECT artifact, count(*) AS segments, max(position) AS last, sum(bytes) AS bytes
                        FROM (
                          SELECT artifact, position, bytes FROM segment WHERE job = :job AND epoch = :epoch
                          UNION ALL
                          SELECT artifact, position, bytes FROM borrowed WHERE job = :job AND epoch = :epoch
                        ) AS each_one
                        GROUP BY artifact
                        """)
                .bind("job", job)
                .bind("epoch", epoch)
                .map(RecordMapper.of(Artifact.class))
                .list());
    }

    /** The attempts of a job before one that may lend to it, oldest first. Looks at no more rows than there are attempts. */
    List<Last> lending(long job, int before) {
        return database.read(handle -> handle.createQuery("""
                        WITH RECURSIVE earlier(epoch) AS (
                          SELECT min(epoch) FROM segment
                          WHERE job = :job AND epoch < :before
                            AND epoch >= (SELECT reuse_from FROM backup WHERE job = :job)
                          UNION ALL
                          SELECT (SELECT min(s.epoch) FROM segment s
                                  WHERE s.job = :job AND s.epoch > earlier.epoch AND s.epoch < :before)
                          FROM earlier WHERE earlier.epoch IS NOT NULL)
                        SELECT epoch AS attempt,
                          (SELECT max(number) FROM segment s WHERE s.job = :job AND s.epoch = earlier.epoch) AS last
                        FROM earlier WHERE epoch IS NOT NULL
                        """)
                .bind("job", job)
                .bind("before", before)
                .map(RecordMapper.of(Last.class))
                .list());
    }

    Total total(long job, int epoch) {
        return database.read(handle -> handle.createQuery("""
                        SELECT count(*) AS segments, coalesce(max(number), -1) AS last, coalesce(sum(bytes), 0) AS bytes
                        FROM segment WHERE job = :job AND epoch = :epoch
                        """)
                .bind("job", job)
                .bind("epoch", epoch)
                .map(RecordMapper.of(Total.class))
                .one());
    }

    /** A job with rows of attempts that nobody needs: those before this one. */
    record Ended(long job, int before) {}

    /** An epoch that is not live any more never is again. */
    private static final String NOT_LIVE =
            "CASE WHEN j.state IN ('RUNNING', 'COMMITTING') THEN j.epoch ELSE j.epoch + 1 END";

    /** While a job is open, what its earlier attempts have brought is there for the later ones. */
    private static final String NOT_LENDING = """
            CASE
              WHEN j.state IN ('DONE', 'FAILED', 'CANCELLED') THEN j.epoch + 1
              WHEN j.state IN ('RUNNING', 'COMMITTING') AND b.reuse_from > j.epoch THEN j.epoch
              ELSE b.reuse_from
            END""";

    /** Takes no turn while there is nothing to forget, and does not look at the rows of an attempt that is live. */
    boolean forgetEnded() {
        return forgetEnded("segment", "number", NOT_LENDING) || forgetEnded("borrowed", "artifact, position", NOT_LIVE);
    }

    private boolean forgetEnded(String table, String key, String before) {
        int most = FORGOTTEN_AT_ONCE;
        for (Ended each : ended(table, before)) {
            int left = most;
            most -= database.write(handle -> handle.createUpdate("""
                            DELETE FROM %1$s WHERE (job, epoch, %2$s) IN (
                              SELECT job, epoch, %2$s FROM %1$s
                              WHERE job = :job AND epoch < :before LIMIT :most)
                            """.formatted(table, key))
                    .bind("job", each.job())
                    .bind("before", each.before())
                    .bind("most", left)
                    .execute());
            if (most == 0) {
                return true;
            }
        }
        return false;
    }

    private List<Ended> ended(String table, String before) {
        return database.read(handle -> handle.createQuery("""
                        WITH RECURSIVE brought(job) AS (
                          SELECT min(job) FROM %1$s
                          UNION ALL
                          SELECT (SELECT min(s.job) FROM %1$s s WHERE s.job > brought.job) FROM brought
                          WHERE brought.job IS NOT NULL)
                        SELECT each_one.job, each_one.before FROM (
                          SELECT j.id AS job, %2$s AS before
                          FROM brought JOIN job j ON j.id = brought.job LEFT JOIN backup b ON b.job = j.id) AS each_one
                        WHERE EXISTS (SELECT 1 FROM %1$s s WHERE s.job = each_one.job AND s.epoch < each_one.before)
                        """.formatted(table, before))
                .map(RecordMapper.of(Ended.class))
                .list());
    }
}
