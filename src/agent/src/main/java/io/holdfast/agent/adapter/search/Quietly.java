package io.holdfast.agent.adapter.search;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Clears away at an end that must not be hidden by it; what stays is cleared away later. */
final class Quietly {
    private static final Logger LOG = LoggerFactory.getLogger(Quietly.class);

    private Quietly() {}

    interface Removal {
        void run() throws IOException, InterruptedException;
    }

    /** Runs it, also when the thread is interrupted, and tells in the log when it failed. */
    static void run(Removal removal) {
        boolean interrupted = Thread.interrupted();
        try {
            removal.run();
        } catch (IOException e) {
            LOG.warn(
                    "something is left over in the cluster or in the repository, and will be removed later: {}",
                    e.getMessage());
        } catch (InterruptedException e) {
            interrupted = true;
            LOG.warn(
                    "something is left over in the cluster or in the repository, and will be removed later: interrupted");
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
