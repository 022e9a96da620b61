package io.holdfast.agent.manager;

import io.holdfast.protocol.Refusal;
import java.io.IOException;

/** The manager answered with a refusal. */
public final class ManagerException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Refusal refusal;

    ManagerException(int status, Refusal refusal) {
        super("the manager refused with " + status + " " + refusal.error() + ": " + refusal.description());
        this.status = status;
        this.refusal = refusal;
    }

    public int status() {
        return status;
    }

    /** Whether the same call may go well a little later. */
    public boolean passing() {
        return status >= 500 || status == 429 || status == 408;
    }

    /** Whether the refusal has this code, one of {@link Refusal}'s. */
    public boolean is(String error) {
        return refusal.error().equals(error);
    }
}
