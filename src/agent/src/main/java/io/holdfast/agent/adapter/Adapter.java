package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.StopSignal;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * One kind of data service. Everything that a new kind needs is behind this: the rest of the agent knows streams and
 * names only. Implementations are used by one thread at a time. All failures that a person can be told are
 * {@link io.holdfast.agent.attempt.JobException}s; programs that are started end with the attempt's {@link StopSignal}.
 */
public interface Adapter extends AutoCloseable {
    /** The service's name in the protocol, such as {@code postgresql}. */
    String service();

    /** Looks at the service and at the programs; what is wrong becomes a warning, never an exception. */
    ServiceInspection inspect() throws InterruptedException;

    /**
     * How the node stands to others now; empty for a service whose nodes do not follow one another. Asked again and again.
     *
     * @throws IOException when the service cannot be asked
     */
    default Optional<Replication> replication(StopSignal stop) throws IOException, InterruptedException {
        return Optional.empty();
    }

    /**
     * Begins a dump: checks that the service can be dumped, and fixes what belongs to it.
     *
     * @param backupId the backup's name in the store; attempts at the same backup have the same one
     * @param attempt the attempt's number: those with smaller ones are over
     */
    Dump dump(String backupId, int attempt, StopSignal stop) throws IOException, InterruptedException;

    /**
     * A restore that goes by its journal: a new one when the journal is new, else the one that was cut off.
     *
     * @param journal where the restore writes down all that it must know again after a crash
     */
    Restore restore(RestoreJournal journal, StopSignal stop);

    /**
     * The backups whose data is in the service's own repository, by their names in the store in lower case; empty when
     * this adapter has no such backups.
     */
    default Optional<List<String>> snapshots() throws IOException, InterruptedException {
        return Optional.empty();
    }

    /** Removes the data of some of them: the manager needs it no more. */
    default void removeSnapshots(List<String> backups) throws IOException, InterruptedException {
        throw new UnsupportedOperationException("this adapter has no snapshots");
    }

    /**
     * Unlocks what an agent that was killed, or could not unlock, has left locked for a dump; called first of all, and
     * without the manager. What fails is tried again later. Most adapters lock nothing that outlives their programs.
     */
    default void unlockLeft() {
        // Nothing is locked.
    }

    /** Removes replaced data whose rollback time is over. */
    void tidy() throws IOException, InterruptedException;

    @Override
    void close();
}
