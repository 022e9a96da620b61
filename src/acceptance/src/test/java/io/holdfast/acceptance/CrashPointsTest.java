package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.PassphraseIdentity;
import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * The manager and the agent die at their crash points, and are started again: at some in every run, at all the others in
 * {@code scripts/whole-tests}. Each point is looked for in a backup, then in a restore, then in a restore whose data was
 * spoiled after the swap; a point that none of them reaches fails its test, and so a new point is tested without a word
 * here.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrashPointsTest {
    private static final String INSTANCE = "shop-1";
    private static final String PATH = "/instances/" + INSTANCE;
    private static final int WORK_FACTOR = 10;

    /**
     * Where real processes die in every run: one step of each kind that only a whole manager has. The simulation crashes
     * managers at all of them but for the wrapped key, which it does not have.
     */
    private static final Set<io.holdfast.manager.crash.CrashPoint> OF_MANAGERS = EnumSet.of(
            io.holdfast.manager.crash.CrashPoint.KEY_WRAPPED_NOT_STORED,
            io.holdfast.manager.crash.CrashPoint.UPLOADS_ALLOWED,
            io.holdfast.manager.crash.CrashPoint.MANIFEST_WRITTEN,
            io.holdfast.manager.crash.CrashPoint.CUT_OVER_GRANTED);

    /** The same of agents: those of a backup, which the adapters' contract does not have, and one of a restore. */
    private static final Set<io.holdfast.agent.attempt.CrashPoint> OF_AGENTS = EnumSet.of(
            io.holdfast.agent.attempt.CrashPoint.FIRST_SEGMENT_UPLOADED,
            io.holdfast.agent.attempt.CrashPoint.BEFORE_BACKUP_COMPLETE,
            io.holdfast.agent.attempt.CrashPoint.AFTER_BACKUP_COMPLETE,
            io.holdfast.agent.attempt.CrashPoint.SWAPPED);

    private static final int HALTED = 137;
    private static final Pattern DONE = Pattern.compile("job [0-9]+ done: |attempt [0-9]+: (done|over),");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final PostgresCluster cluster = PostgresCluster.start();
    private final Landscape landscape = new Landscape().with("rollback_hours", 0);
    private final Leftovers leftovers = new Leftovers(landscape, INSTANCE, cluster);
    private final Api api = landscape.api();
    private JavaProcess agent;
    private Path marker = landscape.folder();
    private int version;
    private String passphrase = "none yet";

    @BeforeAll
    void start() {
        cluster.psql("postgres", "CREATE ROLE owner LOGIN PASSWORD 'secret of the owner'; CREATE DATABASE app");
        cluster.psql("app", "CREATE TABLE t AS SELECT i, 0 AS version FROM generate_series(1, 1000) i");
        landscape.startManager();
        startAgent();
    }

    @AfterAll
    void stop() {
        landscape.close();
        cluster.close();
    }

    /** Which process dies, and how it is started. */
    private enum Victim {
        MANAGER,
        AGENT
    }

    @ParameterizedTest
    @MethodSource("ofManagers")
    void dl14_dl21_everythingEndsWellWhenTheManagerDiesAt(io.holdfast.manager.crash.CrashPoint point) {
        everythingEndsWell(Victim.MANAGER, point.name());
    }

    @ParameterizedTest
    @MethodSource("ofAgents")
    void dl13_dl21_everythingEndsWellWhenTheAgentDiesAt(io.holdfast.agent.attempt.CrashPoint point) {
        everythingEndsWell(Victim.AGENT, point.name());
    }

    @ParameterizedTest
    @MethodSource("furtherOfManagers")
    @Tag("whole")
    void dl14_dl21_everythingEndsWellWhenTheManagerDiesAtOneOfTheOthers(io.holdfast.manager.crash.CrashPoint point) {
        everythingEndsWell(Victim.MANAGER, point.name());
    }

    @ParameterizedTest
    @MethodSource("furtherOfAgents")
    @Tag("whole")
    void dl13_dl21_everythingEndsWellWhenTheAgentDiesAtOneOfTheOthers(io.holdfast.agent.attempt.CrashPoint point) {
        everythingEndsWell(Victim.AGENT, point.name());
    }

    static Set<io.holdfast.manager.crash.CrashPoint> ofManagers() {
        return OF_MANAGERS;
    }

    static Set<io.holdfast.agent.attempt.CrashPoint> ofAgents() {
        return OF_AGENTS;
    }

    static Set<io.holdfast.manager.crash.CrashPoint> furtherOfManagers() {
        return EnumSet.complementOf(EnumSet.copyOf(OF_MANAGERS));
    }

    static Set<io.holdfast.agent.attempt.CrashPoint> furtherOfAgents() {
        return EnumSet.complementOf(EnumSet.copyOf(OF_AGENTS));
    }

    private void everythingEndsWell(Victim victim, String point) {
        restart(Victim.MANAGER); // if the test before has left it dead
        marker = landscape.folder().resolve("crashed-" + victim + "-" + point);
        change();
        cluster.psql("postgres", "DROP ROLE IF EXISTS gone; CREATE ROLE gone");
        String backedUp = cluster.dumpAll();
        JavaProcess armed = startArmed(victim, point);
        changeEncryptionKey();
        // A new key version each time, so that keys are made and stored while the victim is watched.
        assertThat(api.send("POST", PATH + "/keys", encryptionKey()).status()).isEqualTo(201);

        int jobs = jobs(armed);
        long backup = start("backups", "backups");
        if (died(armed, jobs)) {
            restart(victim);
            JsonNode made = api.awaitBackup(INSTANCE, backup);
            assertThat(made.get("status").asString())
                    .as(made + landscape.logs())
                    .isEqualTo("done");
            assertThat(cluster.dumpAll()).isEqualTo(backedUp);
        } else {
            assertThat(api.awaitBackup(INSTANCE, backup).get("status").asString())
                    .as(landscape.logs())
                    .isEqualTo("done");
            change();
            cluster.psql("postgres", "DROP ROLE gone");
            String changed = cluster.dumpAll();
            jobs = jobs(armed);
            long restore = start("backups/" + backup + "/restore", "restores");
            boolean spoiled = !died(armed, jobs) && victim == Victim.AGENT;
            if (spoiled) {
                change();
                cluster.psql("postgres", "DROP ROLE gone");
                changed = cluster.dumpAll();
                restore = restoreThatWillNotValidate(backup, point);
                armed = agent;
                died(armed, jobs(armed));
            }
            assertThat(armed.isAlive())
                    .as("crash point " + point + " was not reached\n" + landscape.logs())
                    .isFalse();
            restart(victim);
            JsonNode restored = api.awaitRestore(INSTANCE, restore);
            String status = restored.get("status").asString();
            assertThat(status).as(restored + landscape.logs()).isEqualTo(spoiled ? "failed" : "done");
            if (spoiled) {
                assertThat(restored.get("live_data").asString()).isEqualTo("untouched");
            }
            assertThat(cluster.dumpAll()).isEqualTo(spoiled ? changed : backedUp);
        }
        assertThat(marker).content().isEqualTo(point);
        assertThat(armed.await(1)).isEqualTo(HALTED);
        leftovers.awaitNone(Duration.ofMinutes(2));
        everyGoodBackupCanBeRead();
        theEncryptionKeyOpensAllKeysInTheStore();
    }

    private String encryptionKey() {
        return "{\"encryption_key\": \"" + passphrase + "\"}";
    }

    /** The answer may be lost in a crash; what it asked for is done then. */
    private void changeEncryptionKey() {
        passphrase = "passphrase number " + version;
        Api.Answer answer = api.send("PUT", PATH, encryptionKey());
        if (answer.status() == 0) {
            landscape.manager().await(10);
            restart(Victim.MANAGER);
        } else {
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        }
    }

    private void theEncryptionKeyOpensAllKeysInTheStore() {
        JsonNode keys = api.await(
                PATH + "/keys",
                all -> all.values().stream().allMatch(each -> each.get("stored").booleanValue()));
        for (JsonNode key : keys) {
            Path file = landscape
                    .storeFolder()
                    .resolve("v2/instances/" + INSTANCE + "/keys/" + key.get("version") + "/key.passphrase.age");
            try (InputStream in =
                    Age.decrypt(Files.newInputStream(file), List.of(new PassphraseIdentity(passphrase, WORK_FACTOR)))) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII))
                        .startsWith("AGE-SECRET-KEY-1");
            } catch (IOException e) {
                throw new AssertionError(file + " does not open with the passphrase\n" + landscape.logs(), e);
            }
        }
    }

    /** Makes the data other than it ever was. */
    private void change() {
        version++;
        cluster.psql("app", "UPDATE t SET version = " + version);
        cluster.psql("postgres", "ALTER ROLE owner CONNECTION LIMIT " + version);
    }

    private JavaProcess startArmed(Victim victim, String point) {
        String[] options = {"-Dholdfast.crash_at=" + point, "-Dholdfast.crash_marker=" + marker};
        if (victim == Victim.MANAGER) {
            landscape.manager().kill();
            return landscape.startManager(options);
        }
        agent.kill();
        startAgent(options);
        return agent;
    }

    private void restart(Victim victim) {
        if (victim == Victim.AGENT) {
            startAgent();
        } else if (!landscape.manager().isAlive()) {
            landscape.startManager();
        }
    }

    /** Starts an agent and waits until the manager knows it, so that nothing is leased to the one before. */
    private void startAgent(String... options) {
        int hellos = hellos();
        agent = landscape.startAgent(INSTANCE, cluster, options);
        Eventually.within(PATIENCE, () -> "the agent is ready\n" + landscape.logs(), () -> hellos() > hellos);
    }

    private int hellos() {
        Path log = landscape.folder().resolve("agent-" + INSTANCE + "-0.log");
        try {
            return Files.exists(log) ? Files.readString(log).split(" is ready", -1).length - 1 : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Posts a request, whose answer may be lost in a crash, and finds the job that it made. */
    private long start(String what, String list) {
        long before = newest(list);
        Api.Answer answer = api.post("/instances/" + INSTANCE + "/" + what);
        if (answer.status() != 0) {
            assertThat(answer.status()).as(answer.text()).isIn(201, 202);
            return answer.json().get("id").longValue();
        }
        landscape.manager().await(10);
        restart(Victim.MANAGER);
        assertThat(newest(list)).isGreaterThan(before);
        return newest(list);
    }

    private long newest(String list) {
        return StreamSupport.stream(
                        api.get("/instances/" + INSTANCE + "/" + list).json().spliterator(), false)
                .mapToLong(each -> each.get("id").longValue())
                .max()
                .orElse(0);
    }

    /** Waits until the process dies, or is through with a job, past all crash points. Returns whether it died. */
    private boolean died(JavaProcess process, int jobsBefore) {
        Eventually.within(
                PATIENCE,
                () -> "a job or the process ends\n" + landscape.logs(),
                () -> !process.isAlive() || jobs(process) > jobsBefore);
        return !process.isAlive();
    }

    /** How many jobs the process and its forerunners say that they have done. */
    private static int jobs(JavaProcess process) {
        return DONE.split(process.log(), -1).length;
    }

    /** Cuts a restore off after its swap, spoils what was restored, and lets the agent go on, armed again. */
    private long restoreThatWillNotValidate(long backup, String point) {
        agent.kill();
        startAgent("-Dholdfast.crash_at=SWAPPED", "-Dholdfast.crash_marker=" + marker);
        long restore = start("backups/" + backup + "/restore", "restores");
        assertThat(agent.await(60)).isEqualTo(HALTED);
        cluster.psql("app", "DROP TABLE t");
        startAgent("-Dholdfast.crash_at=" + point, "-Dholdfast.crash_marker=" + marker);
        return restore;
    }

    private void everyGoodBackupCanBeRead() {
        for (JsonNode backup : api.get("/instances/" + INSTANCE + "/backups").json()) {
            String path =
                    "/instances/" + INSTANCE + "/backups/" + backup.get("id").longValue();
            String state = backup.get("state").asString();
            assertThat(state).isIn("done", "verified", "failed", "deleted");
            if (state.equals("done")) {
                assertThat(api.post(path + "/verify").status()).isEqualTo(202);
                JsonNode verification = api.await(
                                path,
                                each -> List.of("passed", "failed")
                                        .contains(each.path("verification")
                                                .path("state")
                                                .asString("")))
                        .get("verification");
                assertThat(verification.get("state").asString())
                        .as(verification.toString())
                        .isEqualTo("passed");
            }
        }
    }
}
