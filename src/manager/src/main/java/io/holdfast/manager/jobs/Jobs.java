package io.holdfast.manager.jobs;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.sql.Database;
import java.util.List;
import java.util.Optional;

/**
 * The queue's rows, and every change of a job's state.
 *
 * <p>How it stays right when agents die, pause and come back: a job is leased to one attempt at a time, and each lease
 * has a number, the <i>epoch</i>, which only ever grows. Whatever an attempt wants to change, the statement that changes
 * it demands its epoch and the state {@code RUNNING} in its own {@code WHERE}. So there is no moment between a check and
 * the change it allows, and an attempt that was given up changes nothing, whenever it wakes. A unique index over the
 * active jobs makes a second one on the same instance impossible.
 *
 * <pre>
 * QUEUED -> RUNNING(epoch) -> COMMITTING -> DONE        backups: the manager proves what is stored
 *              |    \___________________/
 *              |             |
 *              |             +-> DONE                   restores
 *              +-> QUEUED (another attempt) | FAILED | CANCELLED
 * </pre>
 */
public final class Jobs {
    final JobTable table;

    public Jobs(Database database) {
        this.table = new JobTable(database);
    }

    public Job get(long id) {
        return table.get(id);
    }

    /** A job, if there is one of this number. */
    public Optional<Job> find(long id) {
        return table.find(id);
    }

    /** Who made an attempt; empty when it is not known. */
    public Optional<Manifest.MadeBy> madeBy(long id, int epoch) {
        return table.madeBy(id, epoch);
    }

    /** Jobs that wait for the manager to prove what is stored. */
    public List<Job> committing() {
        return table.committing();
    }

    /** Whether the instance has a backup that has not ended. */
    public boolean hasOpenBackup(long instance) {
        return table.hasOpenBackup(instance);
    }

    /** Whether the instance has a restore that has not ended. */
    public boolean hasOpenRestore(long instance) {
        return table.hasOpenRestore(instance);
    }
}
