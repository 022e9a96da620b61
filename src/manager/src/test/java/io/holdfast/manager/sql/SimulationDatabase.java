package io.holdfast.manager.sql;

import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * A real SQLite database that a simulation uses again for each seed: others may run before each writing transaction, and
 * triggers keep a history of every change, also of those that a transaction makes one after the other.
 */
public final class SimulationDatabase implements AutoCloseable {
    private static final List<String> TABLES = List.of(
            "history",
            "segment",
            "borrowed",
            "garbage",
            "attempt",
            "restore",
            "slot",
            "backup",
            "key_version",
            "agent",
            "job",
            "job_end",
            "task_lease",
            "pause",
            "answer",
            "restore_number",
            "instance");

    private static final String GOOD =
            "(SELECT count(*) FROM backup WHERE instance = NEW.instance AND state IN ('DONE', 'VERIFIED'))";

    private final Database database;
    private boolean changed = true;

    /**
     * Opens one.
     *
     * @param beforeWrite what happens before each writing transaction
     * @param shared whether the managers at it lease their tasks
     */
    public SimulationDatabase(Path folder, InstantSource clock, Runnable beforeWrite, BooleanSupplier shared)
            throws IOException {
        database = new Database(new Preempted(folder.resolve("manager.db"), clock, beforeWrite, shared));
        List.of("""
                        CREATE TABLE history (id INTEGER PRIMARY KEY, what TEXT, number INTEGER, instance INTEGER,
                          before TEXT, after TEXT, epoch_before INTEGER, epoch_after INTEGER, info TEXT, good INTEGER)
                        """, """
                        CREATE TRIGGER job_added AFTER INSERT ON job BEGIN
                          INSERT INTO history VALUES (NULL, 'JOB', NEW.id, NEW.instance, NULL, NEW.state, 0, NEW.epoch,
                            NEW.kind, 0);
                        END
                        """, """
                        CREATE TRIGGER job_changed AFTER UPDATE ON job BEGIN
                          INSERT INTO history VALUES (NULL, 'JOB', NEW.id, NEW.instance, OLD.state, NEW.state, OLD.epoch,
                            NEW.epoch, NEW.kind, 0);
                        END
                        """, """
                        CREATE TRIGGER backup_changed AFTER UPDATE OF state ON backup WHEN OLD.state <> NEW.state BEGIN
                          INSERT INTO history VALUES (NULL, 'BACKUP', NEW.id, NEW.instance, OLD.state, NEW.state,
                            (SELECT deleted_at IS NOT NULL FROM instance WHERE id = NEW.instance),
                            (SELECT count(*) FROM restore r JOIN job j ON j.id = r.job
                              WHERE r.backup = NEW.id AND j.state IN ('QUEUED', 'RUNNING')),
                            NEW.deleted_by, %s);
                        END
                        """.formatted(GOOD), """
                        CREATE TRIGGER restore_added AFTER INSERT ON restore BEGIN
                          INSERT INTO history VALUES (NULL, 'RESTORE', NEW.id, NEW.instance, NULL,
                            (SELECT state FROM backup WHERE id = NEW.backup), 0, 0, NULL, 0);
                        END
                        """, """
                        CREATE TRIGGER segment_added AFTER INSERT ON segment BEGIN
                          INSERT INTO history SELECT NULL, 'SEGMENT', NEW.job, instance, NULL, state, NEW.epoch, epoch,
                            NEW.number, 0 FROM job WHERE id = NEW.job;
                        END
                        """, """
                        CREATE TRIGGER borrowed_added AFTER INSERT ON borrowed BEGIN
                          INSERT INTO history SELECT NULL, 'SEGMENT', NEW.job, instance, NULL, state, NEW.epoch, epoch,
                            NEW.number, 0 FROM job WHERE id = NEW.job;
                        END
                        """).forEach(sql -> TestDatabase.run(database, sql));
    }

    /** SQLite, with others that run before each transaction. */
    private final class Preempted extends Sqlite {
        private final Runnable beforeWrite;
        private final BooleanSupplier shared;

        Preempted(Path file, InstantSource clock, Runnable beforeWrite, BooleanSupplier shared) {
            super(file, clock);
            this.beforeWrite = beforeWrite;
            this.shared = shared;
        }

        @Override
        public <T> T write(Jdbi jdbi, Turn turn, Function<Handle, T> work) {
            beforeWrite.run();
            changed = true;
            return super.write(jdbi, turn, work);
        }

        @Override
        public boolean isShared() {
            return shared.getAsBoolean();
        }
    }

    /**
     * A change of a row.
     *
     * @param what the table
     * @param number the row's; of a segment its job's
     * @param before the state before; null for a new row
     * @param after the state after; of a segment the job's, of a restore the backup's
     * @param epochBefore of a job; of a segment its own epoch; of a backup 1 if its instance is deleted
     * @param epochAfter of a job; of a segment the job's; of a backup how many restores use it
     * @param info a job's kind, or who deleted a backup
     * @param good of a backup: how many good ones its instance has after it
     */
    public record Change(
            long id,
            String what,
            long number,
            long instance,
            @Nullable String before,
            String after,
            int epochBefore,
            int epochAfter,
            @Nullable String info,
            int good) {}

    /** All backups that are listed as finished and not deleted, oldest first. */
    public static List<Backup> listed(Database of) {
        return some(of, "state IN ('DONE', 'VERIFIED', 'SUSPECT')");
    }

    /** Backups that are listed, or whose commit has noted their manifest. */
    public static List<Backup> noted(Database of) {
        return some(of, "state IN ('UPLOADED', 'DONE', 'VERIFIED', 'SUSPECT') AND manifest IS NOT NULL");
    }

    private static List<Backup> some(Database of, String condition) {
        Backups backups = new Backups(of);
        return of
                .read(handle -> handle.createQuery("SELECT id FROM backup WHERE " + condition + " ORDER BY id")
                        .mapTo(Long.class)
                        .list())
                .stream()
                .map(backups::get)
                .toList();
    }

    public Database database() {
        return database;
    }

    /** As if it had just been made. */
    public void clear() {
        TestDatabase.run(database, "PRAGMA defer_foreign_keys = ON");
        database.transaction(() -> {
            TABLES.forEach(table -> TestDatabase.run(database, "DELETE FROM " + table));
            return true;
        });
    }

    /** Whether anything was written since this was last asked. */
    public boolean takeChanged() {
        boolean was = changed;
        changed = false;
        return was;
    }

    /** What changed after a change, oldest first. */
    public List<Change> changesAfter(long id) {
        return database.read(handle -> handle.createQuery("SELECT * FROM history WHERE id > :id ORDER BY id")
                .bind("id", id)
                .map(RecordMapper.of(Change.class))
                .list());
    }

    /**
     * What a backup of this name in the store is: its state, and {@code +} when its manifest may be in the store. Empty
     * for none.
     */
    public Optional<String> backupState(String name) {
        return database.read(handle -> handle.createQuery("SELECT state || CASE WHEN manifest IS NULL THEN '' ELSE '+'"
                        + " END FROM backup WHERE backup_id = :name")
                .bind("name", name)
                .mapTo(String.class)
                .findOne());
    }

    /** Jobs that have not ended, oldest first. */
    public List<Long> openJobs() {
        return database.read(handle -> handle.createQuery(
                        "SELECT id FROM job WHERE state IN ('QUEUED', 'RUNNING', 'COMMITTING') ORDER BY id")
                .mapTo(Long.class)
                .list());
    }

    /**
     * What is left to be done.
     *
     * @param waiting whether jobs wait for an agent, or are with one
     * @param running whether jobs are with an agent
     * @param committing whether jobs wait for the proof of what was uploaded
     * @param leftovers whether something is to be swept
     * @param unread whether backups are to be read back
     */
    public record Work(boolean waiting, boolean running, boolean committing, boolean leftovers, boolean unread) {
        public boolean isAny() {
            return waiting || committing || leftovers || unread;
        }
    }

    /**
     * What is left to be done.
     *
     * @param readBack whether all backups are to be read back
     */
    public Work work(boolean readBack) {
        return database.read(handle -> handle.createQuery("""
                        SELECT EXISTS (SELECT 1 FROM job WHERE state IN ('QUEUED', 'RUNNING')) AS waiting,
                          EXISTS (SELECT 1 FROM job WHERE state = 'RUNNING') AS running,
                          EXISTS (SELECT 1 FROM job WHERE state = 'COMMITTING') AS committing,
                          EXISTS (SELECT 1 FROM segment s JOIN job j ON j.id = s.job
                              WHERE NOT (j.epoch = s.epoch AND j.state IN ('RUNNING', 'COMMITTING')))
                            OR EXISTS (SELECT 1 FROM backup WHERE state = 'DELETING'
                              OR clean = 0 AND state IN ('FAILED', 'DONE', 'VERIFIED', 'SUSPECT'))
                            AS leftovers,
                          EXISTS (SELECT 1 FROM backup WHERE state IN ('DONE', 'VERIFIED', 'SUSPECT')
                            AND (verification IN ('QUEUED', 'RUNNING') OR :all AND verification = 'NONE')) AS unread
                        """)
                .bind("all", readBack)
                .map(RecordMapper.of(Work.class))
                .one());
    }

    @Override
    public void close() {
        database.close();
    }
}
