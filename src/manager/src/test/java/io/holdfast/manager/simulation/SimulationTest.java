package io.holdfast.manager.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.manager.crash.CrashPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The model check of {@code docs/simulation.md}; {@code scripts/simulate} runs it for other seeds. */
class SimulationTest {
    /** In memory where there is such a file system: each commit waits for it. */
    private static final Path MEMORY = Path.of("/dev/shm");
    /** A mistake that is not found by then is not found. */
    private static final int SEEDS_FOR_A_SABOTAGE = 400;
    /** From this one on: the first that gets to a restore. */
    private static final int FIRST_SEED_FOR_A_CRASH = 26;
    /** A crash point that is not reached by then is not reached. */
    private static final int LAST_SEED_FOR_A_CRASH = 60;

    private static Path folder = MEMORY;
    private static Simulation simulation;

    @BeforeAll
    static void open() throws IOException {
        folder = Files.isWritable(MEMORY)
                ? Files.createTempDirectory(MEMORY, "simulation")
                : Files.createTempDirectory("simulation");
        simulation = new Simulation(folder);
    }

    @AfterAll
    static void close() throws IOException {
        simulation.close();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @Test
    void whatIsPromisedHoldsForEverySeed() {
        long from = Long.getLong("simulation.from", 1);
        long end = from + Long.getLong("simulation.seeds", 12);
        for (long seed = from; seed < end; seed++) {
            simulation.run(seed, Sabotage.NONE);
        }
    }

    @Test
    void aSeedRepeatsExactly() {
        Simulation.Result first = simulation.run(7, Sabotage.NONE);
        simulation.run(8, Sabotage.NONE);
        assertThat(simulation.run(7, Sabotage.NONE)).isEqualTo(first);
    }

    @Test
    void aManagerThatStoodStillDoesNotCommitAnAttemptThatWasGivenUp() {
        simulation.stage(world -> new LateCommit(world).ofAnAttemptThatWasGivenUp());
    }

    @Test
    void aManagerThatStoodStillWritesNothingElseOverABackupThatTheOtherHasCommitted() {
        simulation.stage(world -> new LateCommit(world).ofWhatTheOtherHasCommitted());
    }

    /** Nobody sets a passphrase here: {@code CrashPointsTest} ends a real manager at that one. */
    @ParameterizedTest
    @EnumSource(names = "KEY_WRAPPED_NOT_STORED", mode = EnumSource.Mode.EXCLUDE)
    void dl14_dl21_whatIsPromisedHoldsWhenAManagerCrashesAt(CrashPoint point) {
        long seed = FIRST_SEED_FOR_A_CRASH;
        while (!simulation.crash(seed, point)) {
            assertThat(seed).as(point + " is not reached").isLessThan(LAST_SEED_FOR_A_CRASH);
            seed++;
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aMistakeMadeOnPurposeIsFound(Sabotage sabotage) {
        assertThatThrownBy(() -> {
                    for (long seed = 1; seed <= SEEDS_FOR_A_SABOTAGE; seed++) {
                        simulation.run(seed, sabotage);
                    }
                })
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("scripts/simulate --from")
                .hasRootCauseInstanceOf(Invariants.Violation.class);
    }
}
