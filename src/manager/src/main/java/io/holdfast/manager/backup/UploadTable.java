package io.holdfast.manager.backup;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import io.holdfast.protocol.PartUpload;
import java.util.List;
import java.util.Optional;

/** The rows of {@link Uploads}. */
final class UploadTable {
    private final Database database;

    UploadTable(Database database) {
        this.database = database;
    }

    Optional<Upload> find(long job, int epoch, String artifact, int segment) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM upload
                        WHERE job = :job AND epoch = :epoch AND artifact = :artifact AND segment = :segment
                        """)
                .bind("job", job)
                .bind("epoch", epoch)
                .bind("artifact", artifact)
                .bind("segment", segment)
                .map(RecordMapper.of(Upload.class))
                .findOne());
    }

    /**
     * Notes an upload that was begun in the store.
     *
     * @return the one that counts: this, or the one that another call noted first; empty when the epoch is not live
     */
    Optional<Upload> add(
            long instance, long job, int epoch, String artifact, int segment, String objectKey, String uploadId) {
        return database.write(instance, handle -> {
            handle.createUpdate("""
                            INSERT INTO upload (job, epoch, artifact, segment, object_key, upload_id, state, created_at)
                            SELECT :job, :epoch, :artifact, :segment, :objectKey, :uploadId, 'OPEN', %s
                            WHERE EXISTS (SELECT 1 FROM job WHERE id = :job AND epoch = :epoch AND state = 'RUNNING')
                            ON CONFLICT (job, epoch, artifact, segment) DO NOTHING
                            """.formatted(Database.NOW))
                    .bind("job", job)
                    .bind("epoch", epoch)
                    .bind("artifact", artifact)
                    .bind("segment", segment)
                    .bind("objectKey", objectKey)
                    .bind("uploadId", uploadId)
                    .execute();
            return find(job, epoch, artifact, segment);
        });
    }

    /** Notes a part that is about to be allowed. False when the epoch is not live. */
    boolean allow(long instance, Upload upload, PartUpload part) {
        return database.write(
                instance,
                handle -> handle.createUpdate("""
                                INSERT INTO part (upload, number, size, md5)
                                SELECT :upload, :number, :size, :md5
                                WHERE EXISTS (SELECT 1 FROM job WHERE id = :job AND epoch = :epoch AND state = 'RUNNING')
                                ON CONFLICT (upload, number) DO UPDATE SET size = excluded.size, md5 = excluded.md5
                                """)
                                .bind("upload", upload.id())
                                .bind("number", part.part())
                                .bind("size", part.size())
                                .bind("md5", part.md5())
                                .bind("job", upload.job())
                                .bind("epoch", upload.epoch())
                                .execute()
                        == 1);
    }

    List<SignedPart> parts(long upload) {
        return database.read(handle -> handle.createQuery(
                        "SELECT number, size, md5 FROM part WHERE upload = :upload ORDER BY number")
                .bind("upload", upload)
                .map(RecordMapper.of(SignedPart.class))
                .list());
    }

    /** The uploads of one attempt. */
    List<Upload> ofAttempt(long job, int epoch) {
        return database.read(
                handle -> handle.createQuery("SELECT * FROM upload WHERE job = :job AND epoch = :epoch ORDER BY id")
                        .bind("job", job)
                        .bind("epoch", epoch)
                        .map(RecordMapper.of(Upload.class))
                        .list());
    }

    /** What earlier attempts at a job left open, as far as is known. */
    List<Upload> leftBefore(long job, int epoch) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM upload WHERE job = :job AND epoch < :epoch AND state = 'OPEN' ORDER BY id")
                .bind("job", job)
                .bind("epoch", epoch)
                .map(RecordMapper.of(Upload.class))
                .list());
    }

    List<Upload> abandoned() {
        return database.read(handle ->
                handle.createQuery("""
                        SELECT u.* FROM upload u JOIN job j ON j.id = u.job
                        WHERE u.state = 'OPEN' AND NOT (j.epoch = u.epoch AND j.state IN ('RUNNING', 'COMMITTING'))
                        ORDER BY u.id LIMIT 1000
                        """).map(RecordMapper.of(Upload.class)).list());
    }

    boolean isNeeded(String uploadId) {
        return database.read(handle -> handle.createQuery("""
                                SELECT count(*) FROM upload u JOIN job j ON j.id = u.job
                                WHERE u.upload_id = :uploadId AND u.state = 'OPEN'
                                  AND j.epoch = u.epoch AND j.state IN ('RUNNING', 'COMMITTING')
                                """)
                        .bind("uploadId", uploadId)
                        .mapTo(Integer.class)
                        .one()
                > 0);
    }

    void markCompleted(long upload) {
        end(upload, "COMPLETED");
    }

    void markAborted(long upload) {
        end(upload, "ABORTED");
    }

    private void end(long upload, String state) {
        database.write(handle -> {
            handle.createUpdate("UPDATE upload SET state = :state WHERE id = :id")
                    .bind("state", state)
                    .bind("id", upload)
                    .execute();
            // The parts' hashes have done their duty.
            return handle.createUpdate("DELETE FROM part WHERE upload = :id")
                    .bind("id", upload)
                    .execute();
        });
    }
}
