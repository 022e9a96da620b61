package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.PostgresCluster;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import tools.jackson.databind.JsonNode;

/**
 * The manager and the agent of an older release, which {@code scripts/lib/older-release} has built in the folder that
 * {@code tests.older} names, each with the other of this one. Only {@code scripts/whole-tests} does that.
 */
@EnabledIfSystemProperty(named = "tests.older", matches = ".+")
class OlderReleaseTest {
    private static final String INSTANCE = "shop-1";
    private static final Path OLDER = Path.of(System.getProperty("tests.older", ""));

    @Test
    void itsAgentBacksUpAndRestoresForThisManager() {
        try (Landscape landscape = new Landscape().of(JavaProcess.root(), OLDER)) {
            JsonNode agent = roundTrip(landscape);
            assertThat(agent.get("protocol").intValue()).isEqualTo(1);
            assertThat(agent.get("warnings").toString()).contains("of an older release");
        }
    }

    @Test
    void thisAgentBacksUpAndRestoresForItsManager() {
        try (Landscape landscape = new Landscape().of(OLDER, JavaProcess.root())) {
            roundTrip(landscape);
            assertThat(landscape.agentLog(INSTANCE, 0)).contains("the manager speaks protocol 1, this agent 1 to 2");
        }
    }

    /** Returns the agent as the manager lists it. */
    private static JsonNode roundTrip(Landscape landscape) {
        try (PostgresCluster cluster = PostgresCluster.start()) {
            cluster.psql("postgres", "CREATE ROLE owner; CREATE DATABASE app OWNER owner");
            cluster.psql("app", "CREATE TABLE t AS SELECT i, md5(i::text) AS v FROM generate_series(1, 10000) i");
            String before = cluster.dumpAll();
            landscape.startManager();
            landscape.startAgent(INSTANCE, cluster);
            landscape.awaitAgent(INSTANCE);
            Api api = landscape.api();

            long backup = api.startBackup(INSTANCE);
            JsonNode made = api.awaitBackup(INSTANCE, backup);
            assertThat(made.get("status").asString())
                    .as(made + landscape.logs())
                    .isEqualTo("done");
            cluster.psql("app", "DELETE FROM t WHERE i % 2 = 0");
            JsonNode restored = api.awaitRestore(INSTANCE, api.startRestore(INSTANCE, backup));
            assertThat(restored.get("status").asString())
                    .as(restored + landscape.logs())
                    .isEqualTo("done");
            assertThat(cluster.dumpAll()).isEqualTo(before);
            return api.get("/agents").json().get(0);
        }
    }
}
