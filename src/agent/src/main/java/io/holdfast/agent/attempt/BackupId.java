package io.holdfast.agent.attempt;

/** A backup's name in the store; attempts at the same backup have the same one. */
public record BackupId(String value) {
    @Override
    public String toString() {
        return value;
    }
}
