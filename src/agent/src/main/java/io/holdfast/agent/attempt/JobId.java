package io.holdfast.agent.attempt;

/** The manager's number of a job. */
public record JobId(long value) {
    @Override
    public String toString() {
        return Long.toString(value);
    }
}
