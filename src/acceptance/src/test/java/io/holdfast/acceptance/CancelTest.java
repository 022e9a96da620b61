package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.PostgresCluster;
import io.holdfast.testbed.S3ProxyServer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Cancelling means that the work really stops: within five seconds nothing of it is left. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CancelTest {
    private static final String INSTANCE = "shop-1";
    private static final String PATH = "/instances/" + INSTANCE;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final PostgresCluster cluster = PostgresCluster.start();
    private final Landscape landscape = new Landscape();
    private final HeldTools tools = new HeldTools(landscape.folder().resolve("tools"), cluster);
    private final Leftovers leftovers = new Leftovers(landscape, INSTANCE, cluster);
    private final Api api = landscape.api();

    @BeforeAll
    void start() {
        cluster.psql("postgres", "CREATE ROLE owner; CREATE DATABASE app OWNER owner");
        cluster.psql("app", "CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) i");
        landscape.serve();
        landscape.startAgent(INSTANCE, 0, tools.adapter(landscape.adapter(cluster)));
        landscape.awaitAgent(INSTANCE);
    }

    @AfterEach
    void releaseAll() {
        tools.release("pg_dump");
        tools.release("pg_restore");
    }

    @AfterAll
    void stop() {
        landscape.close();
        cluster.close();
    }

    @Test
    void cancelledBackupLeavesNothingBehind() {
        String before = cluster.dumpAll();
        tools.hold("pg_dump");
        long backup = api.startBackup(INSTANCE);
        tools.awaitHeld("pg_dump", landscape);
        assertThat(leftovers.processes()).isNotEmpty();

        cancel(PATH + "/backups/" + backup);
        tools.release("pg_dump");
        assertThat(cluster.dumpAll()).isEqualTo(before);
        assertThat(api.awaitBackup(INSTANCE, api.startBackup(INSTANCE))
                        .get("status")
                        .asString())
                .as(landscape.logs())
                .isEqualTo("done");
    }

    @Test
    void cancelledRestoreLeavesLiveDataAndNothingElse() {
        long backup = api.startBackup(INSTANCE);
        assertThat(api.awaitBackup(INSTANCE, backup).get("status").asString()).isEqualTo("done");
        String backedUp = cluster.dumpAll();
        cluster.psql("app", "DELETE FROM t");
        cluster.psql("postgres", "REASSIGN OWNED BY owner TO postgres; DROP ROLE owner");
        String before = cluster.dumpAll();
        tools.hold("pg_restore");
        long restore = api.startRestore(INSTANCE, backup);
        tools.awaitHeld("pg_restore", landscape);
        assertThat(leftovers.all()).anyMatch(each -> each.startsWith("database holdfast_new_"));

        cancel(PATH + "/restores/" + restore);
        tools.release("pg_restore");
        assertThat(api.restore(INSTANCE, restore).get("live_data").asString()).isEqualTo("untouched");
        assertThat(cluster.dumpAll()).isEqualTo(before);

        JsonNode restored = api.awaitRestore(INSTANCE, api.startRestore(INSTANCE, backup));
        assertThat(restored.get("status").asString())
                .as(restored + landscape.logs())
                .isEqualTo("done");
        assertThat(cluster.dumpAll()).isEqualTo(backedUp);
    }

    @Test
    void cancelledBackupLeavesNoOpenUploadInS3() throws Exception {
        Path folder = landscape.folder().resolve("s3");
        Certificates certificates = new Certificates(folder.resolve("tls"));
        try (S3ProxyServer s3 = S3ProxyServer.start(folder.resolve("data"), certificates);
                Landscape other = new Landscape(Landscape.s3(s3, s3.endpoint(), certificates))) {
            other.serve();
            other.startAgent(INSTANCE, 0, tools.adapter(other.adapter(cluster)));
            other.awaitAgent(INSTANCE);
            tools.hold("pg_dump");
            long backup = other.api().startBackup(INSTANCE);
            tools.awaitHeld("pg_dump", other);
            String job = PATH + "/backups/" + backup + "/cancel";
            assertThat(other.api().post(job).status()).isEqualTo(202);
            Eventually.within(
                    PATIENCE,
                    () -> "no program is left, but " + leftovers.processes() + other.logs(),
                    () -> leftovers.processes().isEmpty());
            tools.release("pg_dump");
            assertThat(other.api()
                            .awaitBackup(INSTANCE, backup)
                            .get("reason")
                            .get("code")
                            .asString())
                    .isEqualTo("CANCELLED");
        }
    }

    /** Cancels a job whose program is held, and so can only end by being killed. */
    private void cancel(String job) {
        assertThat(api.post(job + "/cancel").status()).isEqualTo(202);
        leftovers.awaitNone(PATIENCE);
        JsonNode cancelled =
                api.await(job, each -> each.get("status").asString().equals("failed"));
        assertThat(cancelled.get("reason").get("code").asString())
                .as(cancelled.toString())
                .isEqualTo("CANCELLED");
    }
}
