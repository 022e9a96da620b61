package io.holdfast.manager.dashboard;

import io.holdfast.manager.display.Formatting;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.jobs.OpenJob;
import io.holdfast.protocol.Phase;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job that has not ended, as pages show it.
 *
 * @param number of the backup or restore
 * @param percent of the estimate, or null when there is none
 * @param speed bytes a second since the attempt began, or null before anything can be said
 * @param left how long it may still take, or null when nobody knows
 * @param waitingFor why it has not begun, or null
 * @param cancellable whether it may still be cancelled
 */
record JobView(
        long id,
        String instanceId,
        JobKind kind,
        @Nullable Long number,
        State state,
        String phase,
        @Nullable String detail,
        long bytes,
        @Nullable Long stored,
        @Nullable Long estimate,
        @Nullable Integer percent,
        @Nullable Long speed,
        @Nullable Duration left,
        @Nullable Duration elapsed,
        @Nullable String waitingFor,
        boolean cancellable,
        boolean cancelRequested,
        int attempt,
        @Nullable String lastMessage,
        Instant queuedAt) {
    static JobView of(OpenJob job, @Nullable String waitingFor, Instant now) {
        Phase phase = job.phase() == null ? Phase.LEASED : job.phase();
        boolean works = job.state() == JobState.RUNNING;
        Instant begin = job.attemptAt();
        Duration elapsed = works && begin != null && !begin.isAfter(now) ? Duration.between(begin, now) : null;
        Long speed = elapsed == null || elapsed.toMillis() < 1000 || job.bytesIn() == 0
                ? null
                : job.bytesIn() * 1000 / elapsed.toMillis();
        Long told = job.estimatedBytes();
        long estimate = works && told != null ? told : 0;
        boolean known = estimate > 0;
        return new JobView(
                job.id(),
                job.instanceId(),
                job.kind(),
                job.kind() == JobKind.BACKUP ? job.backup() : job.restore(),
                job.cancelRequested() ? new State("Being cancelled", "warn") : State.of(job.state()),
                job.state() == JobState.QUEUED ? "Waiting" : Formatting.phase(phase),
                job.detail(),
                job.bytesIn(),
                job.kind() == JobKind.BACKUP ? job.bytesOut() : null,
                known ? (Long) estimate : null,
                // An estimate may be too small: what is not at its end is not shown as such.
                known ? (Integer) (int) Math.min(99, job.bytesIn() * 100 / estimate) : null,
                speed,
                known && speed != null && speed > 0 && estimate > job.bytesIn()
                        ? Duration.ofSeconds((estimate - job.bytesIn()) / speed)
                        : null,
                elapsed,
                waitingFor,
                !job.cancelRequested() && (job.state() == JobState.QUEUED || works) && !phase.replacesLiveData(),
                job.cancelRequested(),
                job.epoch(),
                job.message(),
                job.createdAt());
    }

    /** What it does. */
    String title() {
        return (kind == JobKind.BACKUP ? "Backup " : "Restore ") + (number == null ? "" : number);
    }
}
