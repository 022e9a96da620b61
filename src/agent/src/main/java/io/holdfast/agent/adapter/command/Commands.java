package io.holdfast.agent.adapter.command;

import io.holdfast.agent.adapter.CheckedOutput;
import io.holdfast.agent.adapter.EndMark;
import io.holdfast.agent.adapter.LockMark;
import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.CommandConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.process.RunningProcess;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the configured commands, for one attempt. */
final class Commands {
    private static final Logger LOG = LoggerFactory.getLogger(Commands.class);

    private final CommandConfig config;
    private final LockMark mark;
    private final ProcessRunner runner;
    private final StopSignal stop;

    Commands(CommandConfig config, LockMark mark, ProcessRunner runner, StopSignal stop) {
        this.config = config;
        this.mark = mark;
        this.runner = runner;
        this.stop = stop;
    }

    /** Throws when one of them is no program. */
    void requirePrograms() throws JobException {
        List<List<String>> all = new ArrayList<>(List.of(
                config.dump(),
                config.preDump(),
                config.postDump(),
                config.restore(),
                config.preRestore(),
                config.postRestore(),
                config.check(),
                config.size()));
        CommandConfig.Service service = config.service();
        if (service != null) {
            all.addAll(List.of(service.stop(), service.stopped(), service.start(), service.running()));
        }
        for (List<String> command : all) {
            if (!command.isEmpty() && !Files.isExecutable(Path.of(command.getFirst()))) {
                throw new JobException(
                        FailureCode.TOOL_MISSING,
                        command.getFirst() + " cannot be executed",
                        "check the commands in the agent's configuration");
            }
        }
    }

    /** About how many bytes a dump has; 0 when nobody can tell. */
    long size() throws IOException, InterruptedException {
        if (config.size().isEmpty()) {
            return 0;
        }
        ProcessRunner.Outcome outcome = runner.runTalkative(command(config.size(), config.stepTimeout()), stop);
        String text = outcome.output().strip();
        if (!outcome.end().good() || !text.matches("\\d{1,18}")) {
            LOG.warn(
                    "the size command printed {} instead of a number: {}",
                    text.isEmpty() ? "nothing" : text.lines().findFirst().orElse(""),
                    outcome.end().description());
            return 0;
        }
        return Long.parseLong(text);
    }

    /**
     * A dump between its two other commands. Its end is reached only when it is whole and all three have ended well. The
     * last command is run in any case, at the latest when the stream is closed.
     */
    InputStream dump() throws IOException, InterruptedException {
        return dump(check("the dump"));
    }

    /** A dump of what a restore replaces, which may be less than a backup has to be: the data may be lost. */
    InputStream safetyCopy() throws IOException, InterruptedException {
        return dump(mark("the pre-restore copy"));
    }

    private InputStream dump(OutputCheck check) throws IOException, InterruptedException {
        unlockLeft();
        mark.add(List.of());
        Afterwards afterwards = new Afterwards();
        try {
            step(config.preDump(), FailureCode.DUMP_FAILED);
            RunningProcess process = runner.start(command(config.dump(), config.toolTimeout()), stop);
            return new BracketedStream(
                    new CheckedOutput(process, check, Commands::requireGoodDump, stop), afterwards::run);
        } catch (IOException | InterruptedException e) {
            try {
                afterwards.run();
            } catch (IOException also) {
                e.addSuppressed(also);
            }
            throw e;
        }
    }

    /** Runs the command after a dump, unless it has ended well after the last one. */
    private void unlock() throws IOException {
        mark.unlock(_ -> release());
    }

    /** The same for what an earlier attempt has left. */
    void unlockLeft() {
        mark.unlockLeft(_ -> release());
    }

    private void release() throws IOException, InterruptedException {
        try {
            new Commands(config, mark, runner, new StopSignal()).step(config.postDump(), FailureCode.DUMP_FAILED);
        } catch (JobException e) {
            throw notUnlocked(e.code(), e.getMessage(), e);
        } catch (IOException e) {
            throw notUnlocked(FailureCode.DUMP_FAILED, e.toString(), e);
        }
    }

    private static JobException notUnlocked(FailureCode code, @Nullable String why, IOException cause) {
        return new JobException(
                code,
                "the command after the dump has failed: " + why,
                "what it releases may still be held: run post_dump_command by hand",
                cause);
    }

    /** What a whole dump has. */
    OutputCheck check(String what) {
        OutputCheck mark = mark(what);
        return new OutputCheck() {
            private long bytes;

            @Override
            public void accept(byte[] chunk, int offset, int length) throws JobException {
                bytes += length;
                mark.accept(chunk, offset, length);
            }

            @Override
            public void end() throws IOException {
                if (bytes < config.minimumBytes()) {
                    throw new JobException(
                            FailureCode.INCOMPLETE_DUMP,
                            what + " has " + bytes + " bytes, and " + config.minimumBytes() + " are the least");
                }
                mark.end();
            }
        };
    }

    private OutputCheck mark(String what) {
        return config.endMark() == null ? OutputCheck.ANYTHING : new EndMark(config.endMark(), what);
    }

    /** Gives a dump to the restore command. */
    void restore(Path dump) throws IOException, InterruptedException {
        try (InputStream in = Files.newInputStream(dump);
                RunningProcess process = runner.start(command(config.restore(), config.toolTimeout()), stop)) {
            boolean whole = process.feed(in);
            process.output().transferTo(OutputStream.nullOutputStream());
            ProcessEnd end = process.await();
            stop.check();
            if (!end.good()) {
                throw failure(end, FailureCode.RESTORE_FAILED);
            }
            if (!whole) {
                throw new JobException(
                        FailureCode.RESTORE_FAILED,
                        end.program() + " succeeded, but before it had read the whole dump");
            }
        }
    }

    /** Runs one of the other commands, if there is one. */
    void step(List<String> command, FailureCode whenItFails) throws IOException, InterruptedException {
        if (!command.isEmpty()) {
            ProcessEnd end = end(command);
            if (!end.good()) {
                throw failure(end, whenItFails);
            }
        }
    }

    /** Runs one of the other commands, and tells how it ended. */
    ProcessEnd end(List<String> command) throws IOException, InterruptedException {
        return runner.runTalkative(command(command, config.stepTimeout()), stop).end();
    }

    private Command command(List<String> command, Duration limit) {
        return new Command(command, Map.of(), config.idleTimeout(), limit);
    }

    private static void requireGoodDump(ProcessEnd end) throws JobException {
        if (!end.good()) {
            throw failure(end, FailureCode.DUMP_FAILED);
        }
    }

    private static JobException failure(ProcessEnd end, FailureCode code) {
        return new JobException(
                end.timedOut() ? FailureCode.TOOL_TIMEOUT : code,
                end.description(),
                "run the command by hand as the agent's user, and look at what it says");
    }

    /** Unlocks once, after which it only tells how that went: to the thread that reads, and to the one that closes. */
    private final class Afterwards {
        private boolean done;
        private @Nullable IOException failure;

        synchronized void run() throws IOException {
            if (!done) {
                done = true;
                try {
                    unlock();
                } catch (IOException e) {
                    LOG.warn("{}", e.getMessage()); // nobody else says so when the attempt is not this agent's any more
                    failure = e;
                }
            }
            if (failure instanceof JobException e) {
                throw new JobException(e.code(), e.getMessage() + "", e.hint(), e); // one exception is thrown once
            }
            if (failure != null) {
                throw new IOException(failure);
            }
        }
    }
}
