package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessRunner;

/** To be written. */
final class PostgresRestore implements Restore {
    PostgresRestore(
            Server server,
            ClientTools tools,
            ProcessRunner runner,
            StopSignal stop,
            RestoreJournal journal,
            CrashPoints crashPoints) {}

    @Override
    public void preflight(RestoreOrder order) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void stage(RestoreOrder order) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean swapped() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void swap() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void validate() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Outcome commit() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void rollBack() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void discard() {
        throw new UnsupportedOperationException();
    }
}
