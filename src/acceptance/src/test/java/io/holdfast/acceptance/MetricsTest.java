package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a Prometheus would read, judged by its own promtool. */
class MetricsTest {
    private static final String INSTANCE = "shop-1";

    @TempDir
    Path folder = Path.of("");

    @Test
    void whatHappenedIsCountedAndPromtoolFindsNoFault() throws IOException {
        try (PostgresCluster cluster = PostgresCluster.start();
                Landscape landscape = new Landscape()) {
            landscape.startManager();
            landscape.startAgent(INSTANCE, cluster);
            landscape.awaitAgent(INSTANCE);
            Api api = landscape.api();
            assertThat(metrics(landscape))
                    .contains(named("holdfast_instance_last_good_backup_timestamp_seconds") + " 0");
            api.awaitBackup(INSTANCE, api.startBackup(INSTANCE));

            String metrics = metrics(landscape);

            Path file = Files.writeString(folder.resolve("metrics"), metrics);
            Shell.run("sh", "-c", "promtool check metrics < '" + file + "'");
            assertThat(metrics)
                    .contains("holdfast_jobs_total{kind=\"backup\",reason=\"\",result=\"done\"} 1")
                    .contains("holdfast_agent_online{agent=\"0\"," + labels() + "} 1")
                    .contains("holdfast_agent_memory_alert_bytes{agent=\"0\"," + labels() + "} "
                            + (double) (Landscape.ALERT_MB * 1024L * 1024L))
                    .containsPattern("holdfast_agent_resident_memory_bytes\\{[^}]*} [1-9]")
                    .containsPattern("holdfast_agent_resident_memory_with_children_bytes\\{[^}]*} [1-9]")
                    .containsPattern("holdfast_agent_heap_bytes\\{[^}]*} [1-9]")
                    .containsPattern("holdfast_agent_direct_memory_bytes\\{[^}]*} [0-9]")
                    .containsPattern("holdfast_build_info\\{version=\"[0-9]+\\.[0-9]+\\.[0-9]+[^\"]*\"} 1")
                    .containsPattern("holdfast_manager_resident_memory_bytes [1-9]")
                    .doesNotContain(named("holdfast_instance_last_good_backup_timestamp_seconds") + " 0");
        }
    }

    @Test
    void onlyTheUserOfMetricsMayReadThem() {
        try (Landscape landscape = new Landscape()) {
            landscape.serve();

            assertThat(landscape.api().get("/metrics").status()).isEqualTo(401);
            assertThat(landscape
                            .apiAs("metrics", "a wrong password")
                            .get("/metrics")
                            .status())
                    .isEqualTo(401);
            assertThat(landscape
                            .apiAs("metrics", Landscape.METRICS_PASSWORD)
                            .get("/instances")
                            .status())
                    .isEqualTo(401);
        }
    }

    private static String metrics(Landscape landscape) {
        Api.Answer answer =
                landscape.apiAs("metrics", Landscape.METRICS_PASSWORD).get("/metrics");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.text();
    }

    private static String named(String metric) {
        return metric + "{" + labels() + "}";
    }

    private static String labels() {
        return "instance_id=\"" + INSTANCE + "\",service=\"postgresql\"";
    }
}
