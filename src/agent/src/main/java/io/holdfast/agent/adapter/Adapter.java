package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.BackupId;
import java.io.IOException;

/**
 * One kind of data service. Everything that a new kind needs is behind this: the rest of the agent knows streams and
 * names only. Implementations are used by one thread at a time. All failures that a person can be told are
 * {@link io.holdfast.agent.attempt.JobException}s; programs that are started end with the attempt.
 *
 * <p>What only some of them can do is an interface of its own: {@link Replicated}, {@link Locking}, {@link OwnRepository}.
 */
public interface Adapter extends AutoCloseable {
    /** The service's name in the protocol, such as {@code postgresql}. */
    String service();

    /** Looks at the service and at the programs; what is wrong becomes a warning, never an exception. */
    ServiceInspection inspect() throws InterruptedException;

    /** Begins a dump: checks that the service can be dumped, and fixes what belongs to it. */
    Dump dump(BackupId backup, Attempt attempt) throws IOException, InterruptedException;

    /**
     * A restore that goes by its journal: a new one when the journal is new, else the one that was cut off.
     *
     * @param journal where the restore writes down all that it must know again after a crash
     */
    Restore restore(RestoreJournal journal, Attempt attempt);

    /** Removes replaced data whose rollback time is over. */
    void tidy() throws IOException, InterruptedException;

    @Override
    void close();
}
