package io.holdfast.agent.transfer;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.Progress;
import io.holdfast.agent.manager.Backoff;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The failures of one transfer that follow one another: each is logged and shown in the job, until there were enough. */
final class Outage {
    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
    private static final String HINT = "check that the store runs, its disk and its network, and the way to it from the"
            + " agent's machine; the agent rides out an outage for store_patience_seconds";

    private final String what;
    private final StorePatience patience;
    private final Progress progress;
    private final RandomGenerator random;
    private Backoff backoff;
    private long began;

    /**
     * None yet.
     *
     * @param what is transferred, for people
     */
    Outage(String what, StorePatience patience, Progress progress, RandomGenerator random) {
        this.what = what;
        this.patience = patience;
        this.progress = progress;
        this.random = random;
        this.backoff = new Backoff(random);
    }

    /** It gets on. */
    void over() {
        if (backoff.tries() > 0) {
            LOG.info("{}: continues after {} failures", what, backoff.tries());
            progress.trouble(null);
            backoff = new Backoff(random);
        }
    }

    /**
     * Waits for the next try.
     *
     * @throws JobException {@code STORE_FAILED} when it has lasted too long
     */
    void pause(IOException failure) throws JobException, InterruptedException {
        long now = System.nanoTime();
        if (backoff.tries() == 0) {
            began = now;
        }
        Duration lasts = Duration.ofNanos(now - began);
        if (lasts.compareTo(patience.outage()) >= 0) {
            throw new JobException(
                    FailureCode.STORE_FAILED,
                    what + " failed " + (backoff.tries() + 1) + " times in " + lasts.toSeconds() + " s, at last: "
                            + words(failure),
                    HINT,
                    failure);
        }
        LOG.warn("{}: {}; trying again", what, words(failure));
        progress.trouble("the store fails, " + (backoff.tries() + 1) + " times in a row: " + words(failure));
        backoff.pause();
    }

    /** What was waited for; Java says of it only that it timed out. */
    private String words(IOException failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SocketTimeoutException) {
                return "nothing came from the store for " + patience.silence().toSeconds() + " s or more";
            }
        }
        return String.valueOf(failure.getMessage());
    }
}
