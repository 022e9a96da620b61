package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.PostgresCluster;
import java.nio.file.Path;
import java.time.Duration;
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

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void itsAgentIsRefusedByThisManagerAndListedWithTheReason() {
        try (Landscape landscape = new Landscape().of(JavaProcess.root(), OLDER);
                PostgresCluster cluster = PostgresCluster.start()) {
            landscape.startManager();
            landscape.startAgent(INSTANCE, cluster);
            Api api = landscape.api();
            Eventually.within(
                    PATIENCE,
                    landscape::logs,
                    () -> api.get("/agents").json().toString().contains("it gets no jobs"));
            JsonNode agent = api.get("/agents").json().get(0);
            assertThat(agent.get("protocol").intValue()).isEqualTo(1);
            assertThat(agent.get("online").booleanValue()).isFalse();
            assertThat(landscape.agentLog(INSTANCE, 0)).contains("deploy the manager's release");
        }
    }

    @Test
    void thisAgentDoesNotWorkForItsManagerAndSaysWhatToDo() {
        try (Landscape landscape = new Landscape().of(OLDER, JavaProcess.root());
                PostgresCluster cluster = PostgresCluster.start()) {
            landscape.startManager();
            landscape.startAgent(INSTANCE, cluster);
            Eventually.within(
                    PATIENCE,
                    landscape::logs,
                    () -> landscape.agentLog(INSTANCE, 0).contains("it has to be upgraded first"));
            assertThat(landscape
                            .api()
                            .get("/instances/" + INSTANCE + "/backups")
                            .json())
                    .isEmpty();
        }
    }
}
