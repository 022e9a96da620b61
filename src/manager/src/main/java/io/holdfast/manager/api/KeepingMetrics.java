package io.holdfast.manager.api;

import io.holdfast.manager.database.Comparisons.Compared;
import io.holdfast.manager.retention.RetentionRun;
import io.holdfast.manager.state.StateCopies;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.function.Supplier;

/** Metrics of how what is there is kept: retention, the comparison of catalogue and store, copies of the state. */
final class KeepingMetrics {
    private KeepingMetrics() {}

    static void addComparison(List<Supplier<MetricSnapshot>> metrics, Compared found) {
        metrics.add(() -> Gauges.gauge(
                "holdfast_catalog_compared_timestamp_seconds",
                "When the catalogue was last compared with the store.",
                List.of(found),
                every -> Labels.EMPTY,
                every -> Gauges.seconds(every.comparedAt())));
        metrics.add(() -> Gauges.single(
                "holdfast_catalog_problems",
                "What that found in the store that is damaged, lost, or not this manager's; GET /store has it in words.",
                found.problems()));
        metrics.add(() -> Gauges.single(
                "holdfast_catalog_differences",
                "What that found the catalogue to have otherwise, and mended.",
                found.differences()));
    }

    static void addRetention(List<Supplier<MetricSnapshot>> metrics, RetentionRun.Result run) {
        metrics.add(() -> Gauges.gauge(
                "holdfast_retention_last_run_timestamp_seconds",
                "When backups were last looked through for those that no rule keeps.",
                List.of(run),
                every -> Labels.EMPTY,
                every -> Gauges.seconds(every.at())));
        metrics.add(() -> Gauges.single(
                "holdfast_retention_suspended_instances",
                "Instances of which nothing is deleted, because something about their backups is odd.",
                run.suspended()));
        metrics.add(() -> Gauges.single(
                "holdfast_retention_clock_trusted",
                "Whether the clocks of store and manager agree; nothing is deleted while they do not.",
                run.clockTrusted() ? 1 : 0));
    }

    static void addStateCopies(List<Supplier<MetricSnapshot>> metrics, StateCopies.State state) {
        metrics.add(() -> Gauges.gauge(
                "holdfast_state_copy_timestamp_seconds",
                "When the newest copy of the manager's own database in the store was made; 0 when none is known.",
                List.of(state),
                every -> Labels.EMPTY,
                every -> Gauges.seconds(every.newest())));
        metrics.add(() -> Gauges.single(
                "holdfast_state_copy_failed",
                "Whether the last try to copy the manager's own database into the store failed.",
                state.failed() ? 1 : 0));
    }
}
