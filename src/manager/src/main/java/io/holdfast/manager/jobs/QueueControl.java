package io.holdfast.manager.jobs;

import io.holdfast.manager.instance.Instance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens when operators stop jobs from beginning, and let them begin again. May be used by any thread. */
public final class QueueControl {
    private static final Logger log = LoggerFactory.getLogger(QueueControl.class);

    private final Pauses pauses;
    private final JobQueue queue;

    public QueueControl(Pauses pauses, JobQueue queue) {
        this.pauses = pauses;
        this.queue = queue;
    }

    /** Stops everything or the store; one that is stopped already gets the new reason. */
    public void pause(Pauses.Scope scope, String reason) {
        pauses.pause(scope, reason);
        log.warn("paused: {}: {}", scope, reason);
    }

    /** Lets everything or the store go on. Fine when it does. */
    public void resume(Pauses.Scope scope) {
        pauses.resume(scope);
        queue.wakeNext();
        log.warn("resumed: {}", scope);
    }

    /** Stops an instance. */
    public void pause(Instance instance, String reason) {
        pauses.pauseInstance(instance.id(), reason);
        log.warn("paused: instance {}: {}", instance.instanceId(), reason);
    }

    /** Lets an instance go on. Fine when it does. */
    public void resume(Instance instance) {
        pauses.resumeInstance(instance.id());
        queue.wakeNext();
        log.warn("resumed: instance {}", instance.instanceId());
    }
}
