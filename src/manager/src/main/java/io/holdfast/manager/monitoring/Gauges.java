package io.holdfast.manager.monitoring;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Makes gauges of what there is. */
final class Gauges {
    private static final double MILLIS = 1000;

    private Gauges() {}

    static GaugeSnapshot single(String name, String help, long value) {
        return gauge(name, help, List.of(value), every -> Labels.EMPTY, every -> (double) every);
    }

    static <T> GaugeSnapshot gauge(
            String name, String help, List<T> rows, Function<T, Labels> labels, ToDoubleFunction<T> value) {
        GaugeSnapshot.Builder builder = GaugeSnapshot.builder().name(name).help(help);
        for (T row : rows) {
            builder.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                    .labels(labels.apply(row))
                    .value(value.applyAsDouble(row))
                    .build());
        }
        return builder.build();
    }

    static double seconds(@Nullable Instant time) {
        return time == null ? 0 : time.toEpochMilli() / MILLIS;
    }
}
