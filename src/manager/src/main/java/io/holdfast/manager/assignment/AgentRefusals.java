package io.holdfast.manager.assignment;

import io.holdfast.manager.agents.RefusedAgents;
import io.holdfast.manager.agents.RefusedAgents.Kind;
import io.holdfast.manager.jobs.JobQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens when operators let agents in no more, or in again. May be used by any thread. */
public final class AgentRefusals {
    private static final Logger log = LoggerFactory.getLogger(AgentRefusals.class);

    private final RefusedAgents refused;
    private final JobQueue queue;

    public AgentRefusals(RefusedAgents refused, JobQueue queue) {
        this.refused = refused;
        this.queue = queue;
    }

    /**
     * Refuses agents: their sessions are over, and what they hold is lost to them.
     *
     * @param value as {@link RefusedAgents.Refused} has it
     * @param by who wants it
     */
    public void refuse(Kind kind, String value, String reason, String by) {
        refused.add(kind, value, reason, by).forEach(each -> queue.lockOut(each.instance(), each.position()));
        log.warn("agents of {} {} are refused from now on: {}", kind, value, reason);
    }

    /** Lets agents in again. Fine when they were not refused. */
    public void allow(Kind kind, String value) {
        refused.remove(kind, value);
        log.warn("agents of {} {} are allowed again", kind, value);
    }
}
