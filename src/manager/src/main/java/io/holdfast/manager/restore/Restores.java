package io.holdfast.manager.restore;

import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.jobs.JobSubject;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.verification.Verifications;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure.LiveData;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The restores. */
public final class Restores implements JobSubject {
    final RestoreTable table;
    private final Verifications verifications;

    /**
     * Makes it.
     *
     * @param verifications has backups read back whose restores have found damage
     */
    public Restores(Database database, Verifications verifications) {
        this.table = new RestoreTable(database);
        this.verifications = verifications;
    }

    /**
     * Numbers later restores from the minutes since 2026 on: a catalogue that was lost, or one that is older than what
     * agents have done, must not give a number again that names data which an agent keeps.
     */
    public void numberFromNow() {
        table.numberFromNow();
    }

    public Optional<Restore> find(long instance, long id) {
        return table.find(instance, id);
    }

    public Restore ofJob(long job) {
        return table.ofJob(job);
    }

    /** All of an instance, newest first. */
    public List<Restore> list(long instance) {
        return table.list(instance);
    }

    /**
     * Some of an instance, newest first.
     *
     * @param before only those with smaller numbers
     * @param most how many at most
     */
    public List<Restore> list(long instance, long before, int most) {
        return table.list(instance, before, most);
    }

    /** The numbers of an instance's backups that restores need which have not ended. */
    public Set<Long> backupsInUse(long instance) {
        return table.backupsInUse(instance);
    }

    /** Drops the sealed identities of restores that have ended. */
    public void dropSealed() {
        table.dropSealed();
    }

    @Override
    public void attemptEnded(Job job, JobState now, @Nullable FailureCode reason, @Nullable LiveData liveData) {
        if (liveData != null) {
            table.setLiveData(job.id(), liveData);
        }
        if (now == JobState.FAILED && (reason == FailureCode.CORRUPT || reason == FailureCode.WRONG_INSTANCE)) {
            // Nobody's word alone makes a backup suspect: the manager looks itself.
            verifications.request(ofJob(job.id()).backup());
        }
    }
}
