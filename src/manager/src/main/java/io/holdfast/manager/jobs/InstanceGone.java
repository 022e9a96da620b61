package io.holdfast.manager.jobs;

/** The instance was deleted while a job of it was asked for: nothing was queued. */
public final class InstanceGone extends RuntimeException {
    InstanceGone() {
        super("the instance was deleted", null, false, false);
    }
}
