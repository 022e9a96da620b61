package io.holdfast.agent.adapter.command;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.InPlaceRestore;
import io.holdfast.agent.adapter.LockMark;
import io.holdfast.agent.adapter.Locking;
import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.ServiceInspection;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.CommandConfig;
import io.holdfast.agent.process.ProcessRunner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Any data service that can be dumped to standard output and restored from standard input. */
public final class CommandAdapter implements Adapter, Locking {
    static final String DATA = "data";

    private final CommandConfig config;
    private final Path workDirectory;
    private final LockMark mark;
    private final ProcessRunner runner;

    /**
     * An adapter for one service.
     *
     * @param workDirectory for a restore's files
     */
    public CommandAdapter(CommandConfig config, Path workDirectory, ProcessRunner runner) {
        this.config = config;
        this.workDirectory = workDirectory;
        this.mark = new LockMark(workDirectory);
        this.runner = runner;
    }

    @Override
    public String service() {
        return "command";
    }

    @Override
    public ServiceInspection inspect() {
        List<String> warnings = new ArrayList<>();
        if (mark.isSet()) {
            warnings.add(
                    "the service may still be locked for a dump: post_dump_command has failed, see the agent's log");
        }
        try {
            commands(new StopSignal()).requirePrograms();
        } catch (IOException e) {
            warnings.add(String.valueOf(e.getMessage()));
        }
        if (config.restore().isEmpty()) {
            warnings.add("there is no restore command: backups can be made, but not restored");
        }
        return new ServiceInspection(null, List.of(), warnings);
    }

    @Override
    public Dump dump(BackupId backup, Attempt attempt) throws IOException, InterruptedException {
        Commands commands = commands(attempt.stop());
        commands.requirePrograms();
        return new WholeDump(commands, commands.size());
    }

    @Override
    public Restore restore(RestoreJournal journal, Attempt attempt) {
        return new InPlaceRestore(
                new CommandData(config, commands(attempt.stop()), new Service(config, commands(attempt.stop()))),
                new RestoreFiles(workDirectory, journal.entry().restore()),
                journal,
                attempt);
    }

    @Override
    public void unlockLeft() {
        commands(new StopSignal()).unlockLeft();
    }

    @Override
    public void tidy() throws IOException {
        unlockLeft();
        RestoreFiles.removeExpired(workDirectory);
    }

    @Override
    public void close() {
        // Nothing is held open between jobs.
    }

    private Commands commands(StopSignal stop) {
        return new Commands(config, mark, runner, stop);
    }

    /** One stream, of which nobody knows what is in it. */
    private record WholeDump(Commands commands, long size) implements Dump, Dump.Artifact {
        @Override
        public @Nullable String engineVersion() {
            return null;
        }

        @Override
        public @Nullable Long estimatedBytes() {
            return size == 0 ? null : size;
        }

        @Override
        public List<Artifact> artifacts() {
            return List.of(this);
        }

        @Override
        public Map<String, Long> facts() {
            return Map.of();
        }

        @Override
        public String name() {
            return DATA;
        }

        @Override
        public String type() {
            return "stream";
        }

        @Override
        public String source() {
            return DATA;
        }

        @Override
        public InputStream open() throws IOException, InterruptedException {
            return commands.dump();
        }
    }
}
