package io.holdfast.agent.attempt;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells everything that works for one attempt to stop. Whoever holds something that must end with the attempt (a
 * process, a thread) registers how to end it. May be used by any thread.
 */
public final class StopSignal {
    /** Why an attempt has to stop. */
    public enum Reason {
        /** Somebody asked for it. */
        CANCELLED,
        /** The manager has given the job to somebody else, or has ended it. */
        FENCED,
        /** The manager was silent until the lease was over. */
        LEASE_LOST,
        /** The agent itself stops. */
        AGENT_STOPPED
    }

    /** The attempt was stopped. */
    public static final class StoppedException extends IOException {
        private static final long serialVersionUID = 1L;

        private final Reason reason;

        StoppedException(Reason reason) {
            super("stopped: " + reason);
            this.reason = reason;
        }

        public Reason reason() {
            return reason;
        }
    }

    /** Takes a registered action back. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    private final Set<Runnable> actions = new LinkedHashSet<>();
    private @Nullable Reason reason;
    private boolean shielded;

    /** Stops the attempt, unless it has been stopped or shielded before; runs the registered actions. */
    public void stop(Reason why) {
        List<Runnable> toRun;
        synchronized (this) {
            if (shielded || reason != null) {
                return;
            }
            reason = why;
            toRun = List.copyOf(actions);
            actions.clear();
        }
        toRun.forEach(Runnable::run);
    }

    /**
     * From here on the attempt cannot be stopped any more: live data is being replaced.
     *
     * @throws StoppedException when it was stopped before
     */
    public synchronized void shield() throws StoppedException {
        check();
        shielded = true;
    }

    /** Runs the action when the attempt stops; at once when it has. */
    public Registration onStop(Runnable action) {
        synchronized (this) {
            if (reason == null) {
                actions.add(action);
                return () -> forget(action);
            }
        }
        action.run();
        return () -> {};
    }

    private synchronized void forget(Runnable action) {
        actions.remove(action);
    }

    /** Why the attempt was stopped, or null. */
    public synchronized @Nullable Reason reason() {
        return reason;
    }

    /** Throws when the attempt was stopped. */
    public synchronized void check() throws StoppedException {
        if (reason != null) {
            throw new StoppedException(reason);
        }
    }
}
