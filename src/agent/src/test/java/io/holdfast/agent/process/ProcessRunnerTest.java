package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.holdfast.agent.attempt.StopSignal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that behave badly. */
class ProcessRunnerTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    Path directory;

    private final ProcessRunner runner = new ProcessRunner();
    private final StopSignal stop = new StopSignal();

    @Test
    void outputErrorsAndExitCodeAreKept() throws Exception {
        ProcessRunner.Outcome outcome = runner.run(shell("cat; echo problem >&2; exit 3"), "input", stop);
        assertThat(outcome.output()).isEqualTo("input");
        assertThat(outcome.end().exitCode()).isEqualTo(3);
        assertThat(outcome.end().good()).isFalse();
        assertThat(outcome.end().description()).isEqualTo("bash ended with exit code 3: problem");
    }

    @Test
    void programIsAskedForItsVersionOnceUntilItIsAnotherOne() throws Exception {
        Path program = directory.resolve("program");
        Path asked = directory.resolve("asked");
        says(program, "1", asked);
        Command command = new Command(List.of(program.toString(), "--version"), Map.of(), LONG, LONG);
        for (int i = 0; i < 3; i++) {
            assertThat(runner.known(command, stop).output()).isEqualTo("1\n");
        }
        assertThat(asked).hasContent("1");
        says(directory.resolve("newer"), "2.0", asked);
        Files.move(directory.resolve("newer"), program, StandardCopyOption.REPLACE_EXISTING);
        assertThat(runner.known(command, stop).output()).isEqualTo("2.0\n");
        Files.delete(program);
        assertThat(runner.known(command, stop).end().good()).isFalse();
    }

    private static void says(Path program, String version, Path asked) throws IOException {
        Files.writeString(program, "#!/bin/sh\necho " + version + " | tee -a " + asked + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void argumentsAndEnvironmentGoNoFurtherThanTheyShould() throws Exception {
        Command command =
                new Command(List.of("/usr/bin/printf", "%s|", "a b", "$HOME", "--", "; true"), Map.of(), LONG, LONG);
        assertThat(runner.run(command, "", stop).output()).isEqualTo("a b|$HOME|--|; true|");
        assertThat(runner.run(new Command(List.of("/usr/bin/env"), Map.of("X", "y"), LONG, LONG), "", stop)
                        .output()
                        .lines())
                .containsExactlyInAnyOrder("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "X=y");
    }

    @Test
    void oneGigabyteOfErrorsIsReadAndCut() throws Exception {
        ProcessRunner.Outcome outcome = runner.run(
                shell("echo first >&2; head -c 1000000000 /dev/zero | tr '\\0' 'x' >&2; echo last >&2; exit 1"),
                "",
                stop);
        assertThat(outcome.end().exitCode()).isEqualTo(1);
        assertThat(outcome.end().errors())
                .startsWith("first\n")
                .endsWith("last\n")
                .contains("bytes left out")
                .hasSizeLessThan(10_000);
    }

    @Test
    void programThatSaysNothingIsEndedAfterTheIdleLimit() throws Exception {
        Command command =
                new Command(List.of("/bin/bash", "-c", "echo half; sleep 600"), Map.of(), Duration.ofMillis(500), LONG);
        ProcessRunner.Outcome outcome = runner.run(command, "", stop);
        assertThat(outcome.end().timedOut()).isTrue();
        assertThat(outcome.end().good()).isFalse();
        assertThat(outcome.output()).isEqualTo("half\n");
    }

    @Test
    void programThatTakesNoInputIsEndedAfterTheIdleLimit() throws Exception {
        Command command = new Command(List.of("/bin/sleep", "600"), Map.of(), Duration.ofMillis(500), LONG);
        try (RunningProcess running = runner.start(command, stop)) {
            try (OutputStream in = running.input()) {
                in.write(new byte[10_000_000]);
            } catch (IOException e) {
                // The pipe broke when it was ended.
            }
            assertThat(running.await().timedOut()).isTrue();
        }
    }

    @Test
    void programThatGoesOnForeverIsEndedAfterTheTimeLimit() throws Exception {
        Command command = new Command(
                List.of("/bin/bash", "-c", "while echo y; do sleep 0.01; done"),
                Map.of(),
                LONG,
                Duration.ofMillis(700));
        assertThat(runner.run(command, "", stop).end().timedOut()).isTrue();
    }

    @Test
    void stopEndsGrandchildrenThatIgnoreTheRequest() throws Exception {
        Path pids = directory.resolve("pids");
        String script = "trap '' TERM; (trap '' TERM; echo $BASHPID >> " + pids
                + "; while :; do sleep 1; done) & (sleep 600 &) ; echo $$ >> "
                + pids
                + "; echo ready; while :; do sleep 1; done";
        try (RunningProcess running = runner.start(shell(script), stop)) {
            running.output().read(new byte[6]);
            long start = System.nanoTime();
            stop.stop(StopSignal.Reason.CANCELLED);
            assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
            assertThat(running.await().exitCode()).isNotZero();
        }
        List<String> started = Files.readAllLines(pids);
        assertThat(started).hasSize(2);
        for (String pid : started) {
            assertThat(isRunning(pid)).as(pid).isFalse();
        }
    }

    /** Whether a process runs. One that is dead but not yet collected by its new parent does not. */
    private static boolean isRunning(String pid) throws IOException {
        try {
            String stat = Files.readString(Path.of("/proc", pid, "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Test
    void programWhoseStarterIsInterruptedIsEnded() throws Exception {
        Path mark = directory.resolve("mark");
        for (int i = 0; i < 20; i++) {
            Thread.currentThread().interrupt();
            try (RunningProcess _ = runner.start(shell("sleep 600 # " + mark), stop)) {
                // It had started before anybody waited for it.
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            } catch (InterruptedException e) {
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            Thread.interrupted();
        }
        assertThat(ProcessHandle.allProcesses()
                        .filter(process -> process.info()
                                .commandLine()
                                .filter(line -> line.contains(mark.toString()))
                                .isPresent())
                        .toList())
                .isEmpty();
    }

    @Test
    void stopRightAfterTheStartEndsTheProgram() throws Exception {
        for (int i = 0; i < 20; i++) {
            StopSignal each = new StopSignal();
            try (RunningProcess running = runner.start(shell("exec sleep 600"), each)) {
                each.stop(StopSignal.Reason.CANCELLED);
                assertThat(running.running()).isFalse();
            }
        }
    }

    @Test
    void nothingIsStartedAfterAStop() {
        stop.stop(StopSignal.Reason.FENCED);
        assertThat(catchThrowable(() -> runner.run(shell("true"), "", stop)))
                .isInstanceOf(StopSignal.StoppedException.class);
    }

    @Test
    void missingProgramIsTold() throws Exception {
        Command command = new Command(List.of("/nonexistent/pg_dump"), Map.of(), LONG, LONG);
        ProcessEnd end = runner.run(command, "", stop).end();
        assertThat(end.good()).isFalse();
        assertThat(end.description()).contains("pg_dump").contains("No such file");
    }

    private static Command shell(String script) {
        return new Command(List.of("/bin/bash", "-c", script), Map.of(), LONG, LONG);
    }
}
