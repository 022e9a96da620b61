package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.PostgresCluster;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * An instance of two nodes, a PostgreSQL server and its streaming standby, each with its agent: backups are made on the
 * standby as long as it is close, restores on the primary, whichever that is.
 */
class SeveralNodesTest {
    private static final String INSTANCE = "shop-1";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Landscape landscape =
            new Landscape().with("poll_seconds", 1).with("rollback_hours", 0).with("lease_seconds", 6);
    private final Api api = landscape.api();
    private final PostgresCluster primary = PostgresCluster.start();
    private PostgresCluster replica = primary;

    @BeforeEach
    void start() {
        primary.psql("postgres", "CREATE DATABASE app");
        primary.psql("app", "CREATE TABLE t AS SELECT i, 1 AS version FROM generate_series(1, 1000) i");
        replica = PostgresCluster.replicaOf(primary);
        landscape.serve();
        landscape.startAgent(INSTANCE, 0, landscape.adapter(primary));
        landscape.startAgent(INSTANCE, 1, landscape.adapter(replica));
        awaitRoles("primary", "replica");
    }

    @AfterEach
    void stop() {
        landscape.close();
        replica.close();
        primary.close();
    }

    private void awaitRoles(String first, String second) {
        Eventually.within(
                PATIENCE,
                () -> "the roles are " + first + " and " + second + ": "
                        + api.get("/agents").text() + landscape.logs(),
                () -> role(0).equals(first) && role(1).equals(second));
    }

    private String role(int position) {
        for (JsonNode agent : api.get("/agents").json()) {
            if (agent.get("index").intValue() == position) {
                return agent.path("role").asString("");
            }
        }
        return "";
    }

    /** Makes a backup, and returns its number. */
    private long backUp() {
        long backup = api.startBackup(INSTANCE);
        assertThat(api.awaitBackup(INSTANCE, backup).get("status").asString())
                .as(landscape.logs())
                .isEqualTo("done");
        return backup;
    }

    private void restore(long backup) {
        long restore = api.startRestore(INSTANCE, backup);
        assertThat(api.awaitRestore(INSTANCE, restore).get("status").asString())
                .as(landscape.logs())
                .isEqualTo("done");
    }

    /** Waits until an agent says that it has done one backup, or restore: the manager knows it before the agent's log does. */
    private void awaitDone(int position, String kind) {
        Eventually.within(PATIENCE, landscape::logs, () -> done(position, kind) == 1);
    }

    /** How many backups, or restores, an agent has done to their end. */
    private long done(int position, String kind) {
        String log = landscape.agentLog(INSTANCE, position);
        return log.lines()
                .filter(line -> line.contains(": begins: " + kind))
                .map(line -> line.replaceFirst(".*job (\\d+), attempt (\\d+): begins.*", "job $1, attempt $2: done,"))
                .filter(log::contains)
                .count();
    }

    private static String version(PostgresCluster server) {
        return server.psql("app", "SELECT count(*), min(version), max(version) FROM t");
    }

    @Test
    void backupsAreMadeOnACloseReplicaAndRestoresOnThePrimary() {
        long first = backUp();
        awaitDone(1, "backup");

        primary.psql("app", "UPDATE t SET version = 2");
        restore(first);
        awaitDone(0, "restore");
        assertThat(version(primary)).isEqualTo("1000|1|1");
        Eventually.within(
                PATIENCE, () -> "the replica follows", () -> version(replica).equals("1000|1|1"));

        replica.psql("postgres", "SELECT pg_wal_replay_pause()");
        primary.psql("app", "UPDATE t SET version = 3");
        awaitRoles("primary", "unused_replica");
        long third = backUp();
        awaitDone(0, "backup"); // a replica that is behind makes none
        replica.psql("postgres", "SELECT pg_wal_replay_resume()");
        awaitRoles("primary", "replica");

        primary.crash();
        replica.promote();
        awaitRoles("", "primary");
        replica.psql("app", "UPDATE t SET version = 4");
        restore(third);
        awaitDone(1, "restore"); // what is the primary now
        assertThat(version(replica)).isEqualTo("1000|3|3");
    }

    @Test
    void aRestoreWaitsForAPrimaryAndSaysSo() {
        long backup = backUp();
        landscape.stopAgent(INSTANCE, 0);
        Eventually.within(
                PATIENCE,
                () -> api.get("/agents").text(),
                () -> !api.get("/agents").json().get(0).get("online").booleanValue());

        long restore = api.startRestore(INSTANCE, backup);
        Eventually.within(
                PATIENCE,
                () -> api.get("/queue").text(),
                () -> api.get("/queue")
                        .text()
                        .contains("the primary's agent: only those of replicas were seen recently"));
        landscape.startAgent(INSTANCE, 0, landscape.adapter(primary));

        assertThat(api.awaitRestore(INSTANCE, restore).get("status").asString())
                .as(landscape.logs())
                .isEqualTo("done");
        assertThat(done(1, "restore")).isZero();
    }
}
