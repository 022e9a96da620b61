package io.holdfast.agent.process;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Starts programs. Each gets a session of its own, by {@code setsid}, so that it can be ended with everything that it
 * started; and it is ended by the kernel when the agent dies, by {@code setpriv --pdeathsig}.
 *
 * <p>The kernel sends that signal when the <em>thread</em> ends that started the program (prctl(2)), so one thread that
 * lives as long as the agent starts them all. May be used by any thread.
 */
public final class ProcessRunner {
    static final long SMALL_STACK = 128 * 1024;

    private static final int LARGEST_TEXT = 64 * 1024 * 1024;
    private static final int READ_BYTES = 8192;
    private static final String SYSTEM_PROGRAMS = "/usr/sbin:/usr/bin:/sbin:/bin";

    private final String searchPath;
    private final KnownAnswers known;
    private final ExecutorService spawner = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("process-spawner").daemon().factory());

    /** A runner that finds programs where the system has them. */
    public ProcessRunner() {
        this(SYSTEM_PROGRAMS);
    }

    /**
     * A runner that finds programs elsewhere.
     *
     * @param searchPath the folders, as in {@code PATH}
     */
    public ProcessRunner(String searchPath) {
        this.searchPath = searchPath;
        this.known = new KnownAnswers(
                Arrays.stream(searchPath.split(":", -1)).map(Path::of).toList());
    }

    /**
     * Starts a program.
     *
     * @param stop ends it when the attempt stops
     * @throws JobException {@code TOOL_MISSING} when it cannot be started
     */
    public RunningProcess start(Command command, StopSignal stop) throws IOException, InterruptedException {
        stop.check();
        List<String> arguments = new ArrayList<>(List.of("setsid", "setpriv"));
        UnixUser user = command.user();
        if (user != null && user.uid() != UnixUser.self().uid()) {
            arguments.addAll(List.of("--reuid", "" + user.uid(), "--regid", "" + user.gid(), "--clear-groups"));
        }
        arguments.addAll(List.of("--pdeathsig", "KILL", "--"));
        arguments.addAll(command.arguments());
        ProcessBuilder builder = new ProcessBuilder(arguments);
        builder.environment().clear();
        builder.environment().put("PATH", searchPath);
        builder.environment().put("LC_ALL", "C");
        builder.environment().putAll(command.environment());
        Future<Process> started = spawner.submit(builder::start);
        try {
            return new RunningProcess(command, started.get(), stop);
        } catch (InterruptedException e) {
            endOnceStarted(started);
            throw e;
        } catch (ExecutionException e) {
            throw new JobException(
                    FailureCode.TOOL_MISSING,
                    command.name() + " cannot be started",
                    "setsid and setpriv (util-linux) and the data service's client programs must be installed",
                    e.getCause());
        }
    }

    /** Nobody waits for the program any more, but the spawner may start it all the same. */
    private static void endOnceStarted(Future<Process> started) {
        while (true) {
            try {
                new Session(started.get()).killNow();
                return;
            } catch (InterruptedException e) {
                // Interrupted again: the caller throws for the first time already.
            } catch (ExecutionException e) {
                return; // it could not be started
            }
        }
    }

    /** What a program that was run to its end has written to standard output. */
    public record Outcome(ProcessEnd end, String output) {}

    /** Runs a program with the given text as its input, and keeps its output, which must be small. */
    public Outcome run(Command command, String input, StopSignal stop) throws IOException, InterruptedException {
        return run(command, input.getBytes(StandardCharsets.UTF_8), stop);
    }

    /** The same with bytes as its input. */
    public Outcome run(Command command, byte[] input, StopSignal stop) throws IOException, InterruptedException {
        try (RunningProcess running = start(command, stop)) {
            running.feed(input);
            byte[] output = running.output().readNBytes(LARGEST_TEXT);
            if (output.length == LARGEST_TEXT) {
                throw new IOException(command.name() + " wrote more than " + LARGEST_TEXT + " bytes");
            }
            ProcessEnd end = running.await();
            stop.check();
            return new Outcome(end, new String(output, StandardCharsets.UTF_8));
        }
    }

    /**
     * Gives what a program without input says that always says the same, such as its version: it is run only when it has not
     * been before, or when its file is another one since.
     */
    public Outcome known(Command command, StopSignal stop) throws IOException, InterruptedException {
        return known.of(command, () -> run(command, "", stop));
    }

    /**
     * Runs a program without input that may say as much as it likes: an excerpt of its output is kept, and stands for its
     * errors when it wrote none.
     */
    public Outcome runTalkative(Command command, StopSignal stop) throws IOException, InterruptedException {
        Excerpt output = new Excerpt();
        try (RunningProcess running = start(command, stop)) {
            running.feed(new byte[0]);
            InputStream in = running.output();
            byte[] buffer = new byte[READ_BYTES];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                output.add(buffer, n);
            }
            ProcessEnd end = running.await();
            stop.check();
            String text = output.text();
            return new Outcome(end.errors().isBlank() ? end.withErrors(text, output.lines()) : end, text);
        }
    }
}
