package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.MariadbServer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** An instance that is a MariaDB, through a real manager. */
class MariadbInstanceTest {
    private static final String INSTANCE = "maria-1";

    @Test
    void whatWasLostComesBackAndAWrongRestoreCanBeTakenBack() {
        try (MariadbServer server = MariadbServer.start();
                Landscape landscape = new Landscape().readingBack()) {
            server.sql("""
                    CREATE DATABASE shop; CREATE TABLE shop.orders (n INT PRIMARY KEY, what TEXT);
                    USE shop; INSERT INTO orders SELECT seq, MD5(seq) FROM seq_1_to_20000;
                    CREATE USER app@'%' IDENTIFIED BY 'secret of the app'; GRANT ALL ON shop.* TO app@'%';
                    CREATE USER holdfast@'127.0.0.1' IDENTIFIED BY 'secret of the agent';
                    GRANT ALL PRIVILEGES ON *.* TO holdfast@'127.0.0.1' WITH GRANT OPTION;
                    """);
            String before = server.dumpAll() + server.accounts("holdfast");
            landscape.startManager();
            landscape.startAgent(
                    INSTANCE,
                    0,
                    Map.of(
                            "kind", "mariadb",
                            "host", server.host(),
                            "port", server.port(),
                            "user", "holdfast",
                            "password", "secret of the agent"));
            landscape.awaitAgent(INSTANCE);
            Api api = landscape.api();

            long backup = api.startBackup(INSTANCE);
            assertDone(api.awaitBackup(INSTANCE, backup), landscape);
            server.sql("DROP DATABASE shop; DROP USER app@'%'; CREATE DATABASE newer");

            JsonNode restored = api.awaitRestore(INSTANCE, api.startRestore(INSTANCE, backup));
            assertDone(restored, landscape);
            assertThat(restored.get("result").get("left_alone").toString()).contains("newer");
            assertThat(restored.get("result").get("kept").toString()).contains("/kept/restore-");
            assertThat(server.dumpAll("newer") + server.accounts("holdfast")).isEqualTo(before);
            assertThat(landscape.logs()).doesNotContain("secret of the");
        }
    }

    private static void assertDone(JsonNode job, Landscape landscape) {
        assertThat(job.get("status").asString()).as(job + landscape.logs()).isEqualTo("done");
    }
}
