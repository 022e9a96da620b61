package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.Progress;
import io.holdfast.cli.manager.Reason;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.ProgressDisplay;
import io.holdfast.cli.terminal.ProgressDisplay.Step;
import io.holdfast.cli.terminal.Surroundings;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Waits for a job by asking the manager again and again, and shows how far it is. A manager that is away for a while,
 * such as for a restart, does not end the wait.
 */
final class JobWatch {
    private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(500);
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(2);

    private final Surroundings surroundings;

    @Option(names = "--progress", description = "Draw the progress bar even if standard error is not a terminal.")
    private boolean alwaysBar;

    JobWatch(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** A question to the manager. */
    interface Question {
        Answer ask() throws InterruptedException;
    }

    /** The last answer, and what it says. */
    record Ended<T>(T value, Answer answer) {}

    /**
     * Asks until the job has ended.
     *
     * @param goesOn what to tell a person who stops waiting
     */
    <T> Ended<T> until(Predicate<T> ended, Question question, Class<T> type, Function<T, Step> step, String goesOn)
            throws InterruptedException {
        Thread farewell = new Thread(() -> surroundings.err().println(System.lineSeparator() + goesOn));
        Runtime.getRuntime().addShutdownHook(farewell);
        boolean bar = alwaysBar || surroundings.errIsTerminal();
        try (ProgressDisplay display = new ProgressDisplay(surroundings.err(), bar, System::nanoTime)) {
            long lastAnswer = System.nanoTime();
            while (true) {
                try {
                    Answer answer = question.ask();
                    T value = answer.as(type);
                    if (ended.test(value)) {
                        return new Ended<>(value, answer);
                    }
                    lastAnswer = System.nanoTime();
                    display.show(step.apply(value));
                } catch (Failure failure) {
                    boolean mayPass =
                            failure.exitCode() == ExitCode.UNREACHABLE || failure.exitCode() == ExitCode.MANAGER_ERROR;
                    if (!mayPass || System.nanoTime() - lastAnswer > LONGEST_SILENCE.toNanos()) {
                        throw failure;
                    }
                    display.show(new Step("waiting for the manager to be back", 0, null));
                }
                Thread.sleep(BETWEEN_QUESTIONS);
            }
        } finally {
            forget(farewell);
        }
    }

    /** The step that a running job's progress means. */
    static Step step(String status, @Nullable Progress progress) {
        if (progress == null || progress.phase() == null) {
            return new Step(status, 0, null);
        }
        String label = progress.detail() == null ? progress.phase() : progress.phase() + " " + progress.detail();
        Long plaintext = progress.bytesIn();
        if (plaintext != null && plaintext > 0) {
            return new Step(label, plaintext, progress.estimatedBytes());
        }
        // The estimate is of plaintext: ciphertext is not to be measured by it.
        Long ciphertext = progress.bytesOut();
        return new Step(label, ciphertext == null ? 0 : ciphertext, null);
    }

    /** The failure that a failed job's reason means. */
    static Failure failure(String what, @Nullable Reason reason) {
        return reason == null
                ? new Failure(ExitCode.FAILED, "Failed", what + " failed", null)
                : new Failure(
                        ExitCode.FAILED,
                        reason.code(),
                        what + " failed" + (reason.message() == null ? "" : ": " + reason.message()),
                        reason.hint());
    }

    private static void forget(Thread farewell) {
        try {
            Runtime.getRuntime().removeShutdownHook(farewell);
        } catch (IllegalStateException e) {
            // The process is ending: the farewell is being said.
        }
    }
}
