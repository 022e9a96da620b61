package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.PostgresCluster;
import io.holdfast.testbed.S3ProxyServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The main job: back up, lose, restore. */
class BackupAndRestoreTest {
    private static final String INSTANCE = "shop-1";

    @Test
    void whatWasLostComesBackFromTheDirectoryStore() {
        try (Landscape landscape = new Landscape().readingBack()) {
            roundTrip(landscape);
        }
    }

    @Test
    void whatWasLostComesBackFromS3() throws Exception {
        Path folder = Files.createTempDirectory("holdfast-s3");
        Certificates certificates = new Certificates(folder.resolve("tls"));
        try (S3ProxyServer s3 = S3ProxyServer.start(folder.resolve("data"), certificates);
                Landscape landscape =
                        new Landscape(inAFolder(Landscape.s3(s3, s3.endpoint(), certificates))).readingBack()) {
            roundTrip(landscape);
        }
    }

    private static Map<String, Object> inAFolder(Map<String, Object> store) {
        store.put("prefix", "platform/one");
        return store;
    }

    private static void roundTrip(Landscape landscape) {
        try (PostgresCluster cluster = PostgresCluster.start()) {
            cluster.psql(
                    "postgres",
                    "CREATE ROLE owner LOGIN PASSWORD 'secret of the owner'; CREATE DATABASE app OWNER owner");
            cluster.psql("app", "CREATE TABLE t AS SELECT i, md5(i::text) AS v FROM generate_series(1, 200000) i");
            String before = cluster.dumpAll();
            landscape.startManager();
            landscape.startAgent(INSTANCE, cluster);
            landscape.awaitAgent(INSTANCE);
            Api api = landscape.api();

            long backup = api.startBackup(INSTANCE);
            JsonNode made = api.awaitBackup(INSTANCE, backup);
            assertThat(made.get("status").asString()).as(made.toString()).isEqualTo("done");
            assertThat(made.get("size").longValue()).isPositive();
            assertThat(made.get("attempts").intValue()).isEqualTo(1);
            api.await(
                    "/instances/" + INSTANCE + "/backups/" + backup,
                    each -> each.get("state").asString().equals("verified"));

            cluster.psql("app", "DELETE FROM t WHERE i % 2 = 0; UPDATE t SET v = 'changed'");
            cluster.psql("postgres", "ALTER ROLE owner NOLOGIN PASSWORD 'another'");
            assertThat(cluster.dumpAll()).isNotEqualTo(before);

            JsonNode restored = api.awaitRestore(INSTANCE, api.startRestore(INSTANCE, backup));
            assertThat(restored.get("status").asString())
                    .as(restored + landscape.logs())
                    .isEqualTo("done");
            assertThat(restored.get("progress").get("phase").asString()).isEqualTo("committed");
            assertThat(List.copyOf(restored.get("result").get("restored").values())
                            .toString())
                    .contains("app");
            assertThat(cluster.dumpAll()).isEqualTo(before);
        }
    }
}
