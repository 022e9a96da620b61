package io.holdfast.agent.attempt;

/** The manager's number of a restore, by which its files on the agent's disk and in the service are named. */
public record RestoreId(long value) {
    @Override
    public String toString() {
        return Long.toString(value);
    }
}
