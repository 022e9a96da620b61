package io.holdfast.manager.monitoring;

import io.holdfast.manager.catalogue.Comparisons;
import io.holdfast.manager.catalogue.Comparisons.Compared;
import io.holdfast.manager.deletion.Deletions;
import io.holdfast.manager.deletion.GarbageCollection;
import io.holdfast.manager.jobs.Pauses;
import io.holdfast.manager.retention.RetentionRun;
import io.holdfast.manager.state.StateCopies;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Metrics of how what is there is kept: deletions, retention, the comparison of catalogue and store, catalogue backups.
 *
 * @param stateCopies null when none are made
 */
public record KeepingMetrics(
        Deletions deletions,
        RetentionRun retention,
        Comparisons comparisons,
        GarbageCollection garbageCollection,
        Pauses pauses,
        @Nullable StateCopies stateCopies) {
    void addTo(List<Supplier<MetricSnapshot>> metrics) {
        metrics.add(this::deletedBackups);
        metrics.add(this::garbageCollected);
        metrics.add(this::paused);
        retention.last().ifPresent(run -> addRetention(metrics, run));
        comparisons.last().ifPresent(found -> addComparison(metrics, found));
        if (stateCopies != null) {
            addStateCopies(metrics, stateCopies.state());
        }
    }

    private CounterSnapshot deletedBackups() {
        CounterSnapshot.Builder builder = CounterSnapshot.builder()
                .name("holdfast_backups_deleted")
                .help("Backups that were deleted, by cause: request, instance or retention.");
        for (Deletions.Count count : deletions.counts()) {
            builder.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                    .labels(Labels.of("cause", count.cause().name().toLowerCase(Locale.ROOT)))
                    .value((double) count.count())
                    .build());
        }
        return builder.build();
    }

    private CounterSnapshot garbageCollected() {
        return CounterSnapshot.builder()
                .name("holdfast_garbage_collected")
                .help("Old objects that no job explained and that this manager removed from the store.")
                .dataPoint(collected("object", garbageCollection.removedObjects()))
                .build();
    }

    private static CounterSnapshot.CounterDataPointSnapshot collected(String kind, long count) {
        return CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(Labels.of("kind", kind))
                .value((double) count)
                .build();
    }

    private MetricSnapshot paused() {
        Map<String, Long> scopes = pauses.list().stream()
                .collect(Collectors.groupingBy(Pauses.Pause::scope, TreeMap::new, Collectors.counting()));
        return Gauges.gauge(
                "holdfast_pauses",
                "What operators have paused: everything, the store, or how many instances.",
                List.copyOf(scopes.entrySet()),
                scope -> Labels.of("scope", scope.getKey()),
                scope -> (double) scope.getValue());
    }

    private static void addComparison(List<Supplier<MetricSnapshot>> metrics, Compared found) {
        metrics.add(() -> Gauges.gauge(
                "holdfast_catalogue_compared_timestamp_seconds",
                "When the catalogue was last compared with the store.",
                List.of(found),
                every -> Labels.EMPTY,
                every -> Gauges.seconds(every.comparedAt())));
        metrics.add(() -> Gauges.single(
                "holdfast_catalogue_problems",
                "What that found in the store that is damaged, lost, or not this manager's; GET /store has it in words.",
                found.problems()));
        metrics.add(() -> Gauges.single(
                "holdfast_catalogue_differences",
                "What that found different in the catalogue, and corrected.",
                found.differences()));
    }

    private static void addRetention(List<Supplier<MetricSnapshot>> metrics, RetentionRun.Result run) {
        metrics.add(() -> Gauges.gauge(
                "holdfast_retention_last_run_timestamp_seconds",
                "When the retention policies were last applied.",
                List.of(run),
                every -> Labels.EMPTY,
                every -> Gauges.seconds(every.at())));
        metrics.add(() -> Gauges.single(
                "holdfast_retention_suspended_instances",
                "Instances of which nothing is deleted, because something about their backups is inconsistent.",
                run.suspended()));
        metrics.add(() -> Gauges.single(
                "holdfast_retention_clock_trusted",
                "Whether the clocks of store and manager agree; nothing is deleted while they do not.",
                run.clockTrusted() ? 1 : 0));
    }

    private static void addStateCopies(List<Supplier<MetricSnapshot>> metrics, StateCopies.State state) {
        metrics.add(() -> Gauges.gauge(
                "holdfast_catalogue_backup_timestamp_seconds",
                "When the newest catalogue backup in the store was made; 0 when none is known.",
                List.of(state),
                every -> Labels.EMPTY,
                every -> Gauges.seconds(every.newest())));
        metrics.add(() -> Gauges.single(
                "holdfast_catalogue_backup_failed",
                "Whether the last attempt to make a catalogue backup failed.",
                state.failed() ? 1 : 0));
    }
}
