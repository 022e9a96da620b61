package io.holdfast.manager.schedule;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows of {@link Slots}. */
final class SlotTable {
    private static final String SCHEDULED = """
            SELECT id, instance_id, schedule_cron, schedule_time_zone, scheduled_from FROM instance
            WHERE deleted_at IS NULL AND excluded = 0 AND scheduled_from IS NOT NULL
              AND EXISTS (SELECT 1 FROM agent WHERE agent.instance = instance.id)""";

    private static final int FORGOTTEN_AT_ONCE = 1000;

    private final Database database;

    SlotTable(Database database) {
        this.database = database;
    }

    /** From now on, slots of instances that were not seen before count. */
    void beginNew() {
        boolean any = database.read(handle -> handle.createQuery(
                        "SELECT 1 FROM instance WHERE scheduled_from IS NULL AND deleted_at IS NULL LIMIT 1")
                .mapTo(Integer.class)
                .findOne()
                .isPresent());
        if (any) {
            database.write(handle -> handle.execute("UPDATE instance SET scheduled_from = " + Database.NOW
                    + " WHERE scheduled_from IS NULL AND deleted_at IS NULL"));
        }
    }

    /**
     * Some of the instances that slots are for.
     *
     * @param after only those with larger numbers
     * @param most how many at most
     */
    List<Scheduled> scheduled(long after, int most) {
        return database.read(handle -> handle.createQuery(SCHEDULED + " AND id > :after ORDER BY id LIMIT :most")
                .bind("after", after)
                .bind("most", most)
                .map(RecordMapper.of(Scheduled.class))
                .list());
    }

    /** One of them, unless slots are not for it. */
    Optional<Scheduled> scheduled(long instance) {
        return database.read(handle -> handle.createQuery(SCHEDULED + " AND id = :instance")
                .bind("instance", instance)
                .map(RecordMapper.of(Scheduled.class))
                .findOne());
    }

    /** Whether a slot was handled. For looking early; {@link #take} checks on its own. */
    boolean isTaken(long instance, Instant slot) {
        return database.read(
                handle -> handle.createQuery("SELECT count(*) FROM slot WHERE instance = :instance AND slot_at = :slot")
                                .bind("instance", instance)
                                .bind("slot", slot)
                                .mapTo(Integer.class)
                                .one()
                        > 0);
    }

    /** Takes a slot; false when somebody had it, or when the instance is not to be backed up by schedule any more. */
    boolean take(long instance, Instant slot) {
        return database.write(handle -> handle.createUpdate("""
                                INSERT INTO slot (instance, slot_at, outcome, created_at)
                                SELECT id, :slot, 'QUEUED', %s FROM instance
                                WHERE id = :instance AND deleted_at IS NULL AND excluded = 0
                                ON CONFLICT (instance, slot_at) DO NOTHING
                                """.formatted(Database.NOW))
                        .bind("instance", instance)
                        .bind("slot", slot)
                        .execute()
                == 1);
    }

    /** Notes the job that a slot became. */
    void setJob(long instance, Instant slot, long job) {
        set(instance, slot, Slots.Outcome.QUEUED, null, job);
    }

    /** Notes why a slot became no job. */
    void skip(long instance, Instant slot, String reason) {
        set(instance, slot, Slots.Outcome.SKIPPED, reason, null);
    }

    private void set(long instance, Instant slot, Slots.Outcome outcome, @Nullable String reason, @Nullable Long job) {
        database.write(handle -> handle.createUpdate("""
                        UPDATE slot SET outcome = :outcome, reason = :reason, job = :job
                        WHERE instance = :instance AND slot_at = :slot
                        """)
                .bind("outcome", outcome.name())
                .bind("reason", reason)
                .bind("job", job)
                .bind("instance", instance)
                .bind("slot", slot)
                .execute());
    }

    Optional<Slot> latest(long instance) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM slot WHERE instance = :instance ORDER BY slot_at DESC LIMIT 1")
                .bind("instance", instance)
                .map(RecordMapper.of(Slot.class))
                .findOne());
    }

    /** Forgets old slots, but none that is an instance's latest: it would count as missed. */
    void forget(Duration age) {
        int forgotten;
        do {
            // Some at a time: others want to write too.
            forgotten = database.write(handle -> handle.createUpdate("""
                            DELETE FROM slot WHERE (instance, slot_at) IN (
                              SELECT o.instance, o.slot_at FROM slot o WHERE o.slot_at < %s - :age AND EXISTS (
                                SELECT 1 FROM slot l WHERE l.instance = o.instance AND l.slot_at > o.slot_at)
                              LIMIT %d)
                            """.formatted(Database.NOW, FORGOTTEN_AT_ONCE))
                    .bind("age", age.toMillis())
                    .execute());
        } while (forgotten == FORGOTTEN_AT_ONCE);
    }
}
