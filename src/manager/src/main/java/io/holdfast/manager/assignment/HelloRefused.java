package io.holdfast.manager.assignment;

/** An agent gets no session. */
public final class HelloRefused extends RuntimeException {
    /** Why. */
    public enum Reason {
        /** Its instance was deleted. */
        INSTANCE_DELETED,
        /** It speaks no protocol that the manager still speaks. */
        PROTOCOL_TOO_OLD
    }

    private final Reason reason;
    private final String hint;

    HelloRefused(Reason reason, String message, String hint) {
        super(message, null, false, false);
        this.reason = reason;
        this.hint = hint;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }

    /** What to do. */
    public String hint() {
        return hint;
    }
}
