package io.holdfast.manager.jobs;

import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.transaction.Transactions;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure.LiveData;
import java.time.Duration;
import java.time.Instant;

/** Takes jobs from agents that fell silent, so that they are tried again or end with the reason. */
final class LostAgents {
    /** So many leases after it was asked for, an attempt is cancelled whether its agent obeys or not. */
    private static final int LEASES_TO_OBEY = 4;

    private final Transactions transactions;
    private final JobLeaseTable leases;
    private final ManagerConfig.Jobs limits;
    private final AttemptEnds ends;
    private Instant lastLook = Instant.EPOCH;
    private Instant hearingSince = Instant.EPOCH;

    LostAgents(Transactions transactions, JobLeaseTable leases, ManagerConfig.Jobs limits, AttemptEnds ends) {
        this.transactions = transactions;
        this.leases = leases;
        this.limits = limits;
        this.ends = ends;
    }

    /**
     * Takes jobs from agents that have been silent for as long as their lease. Called again and again, by one thread. A
     * manager that has just begun, or stood still, or had no database, or saw its clock jump, gives them a lease's time to
     * be heard first: it was not they who were silent.
     */
    void loseExpired() {
        Instant now = transactions.now();
        if (Duration.between(lastLook, now).compareTo(limits.lease().dividedBy(2)) > 0) {
            hearingSince = now;
        }
        lastLook = now;
        Duration toObey = limits.lease().multipliedBy(LEASES_TO_OBEY);
        if (now.isAfter(hearingSince.plus(toObey)) && !leases.disobeyed(toObey).isEmpty()) {
            transactions.transaction(() -> {
                leases.disobeyed(toObey).forEach(this::endDisobedient);
                return true;
            });
        }
        if (now.isBefore(hearingSince.plus(limits.lease()))
                || leases.expired(limits.resumeDeadline()).isEmpty()) {
            return;
        }
        // In one transaction: no heartbeat can come between the look and the loss.
        transactions.transaction(() -> {
            leases.expired(limits.resumeDeadline()).forEach(this::lose);
            return true;
        });
    }

    /** The same at once for one instance, whose agent has begun anew. */
    void loseOf(long instance) {
        transactions.transaction(instance, () -> {
            leases.expired(limits.resumeDeadline()).stream()
                    .filter(job -> job.instance() == instance)
                    .forEach(this::lose);
            return true;
        });
    }

    private void endDisobedient(Job job) {
        ends.end(
                job.id(),
                job.instance(),
                job.epoch(),
                new AttemptFailure(
                        FailureCode.CANCELLED,
                        "cancelled on request; the agent did not stop, and anything that it still does is refused",
                        "look at the agent's log and at what it runs; if you do not trust it, refuse it:"
                                + " holdfast refuse-agent"),
                false,
                LiveData.UNTOUCHED);
    }

    private void lose(Job job) {
        if (job.isReplacing()) {
            ends.end(
                    job.id(),
                    job.instance(),
                    job.epoch(),
                    new AttemptFailure(
                            FailureCode.NEEDS_OPERATOR,
                            "the agent was lost while it replaced live data, and did not come back",
                            "start the agent again: it continues from its journal. Or examine the data service by hand;"
                                    + " the replaced data is kept beside the new"),
                    false,
                    LiveData.NEEDS_OPERATOR);
            return;
        }
        ends.end(
                job.id(),
                job.instance(),
                job.epoch(),
                new AttemptFailure(
                        FailureCode.AGENT_LOST,
                        "the agent was silent for " + limits.lease().toSeconds() + " s, or was restarted",
                        "look at the agent's log and at its connection to the manager; if it has restarted, its"
                                + " warnings say why it ended (holdfast agents)"),
                true,
                null);
    }
}
