package io.holdfast.protocol;

/**
 * {@code POST /agent/v1/jobs/{id}/cut-over}: asks for the leave to replace live data. Once it is granted, the manager gives
 * the restore to nobody else and takes no request to cancel it. Extends the lease. Repeating it is fine: a leave that was
 * granted stays granted.
 *
 * @param epoch the attempt's
 */
public record CutOver(int epoch) {
    /** The manager's answer. */
    public record Answer(Leave leave) {}

    /** Whether the attempt may go on. */
    public enum Leave {
        /** It may replace live data now. */
        GRANTED,
        /** Somebody asked to cancel before: stop, clean up, and report {@link FailureCode#CANCELLED}. */
        CANCELLED
    }
}
