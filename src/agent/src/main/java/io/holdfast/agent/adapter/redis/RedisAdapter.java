package io.holdfast.agent.adapter.redis;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.InPlaceRestore;
import io.holdfast.agent.adapter.Replicated;
import io.holdfast.agent.adapter.Replication;
import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.ServiceInspection;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.RedisConfig;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.protocol.Hello;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Redis 6.2 and newer, and Valkey. */
public final class RedisAdapter implements Adapter, Replicated {
    private final RedisConfig config;
    private final Path workDirectory;
    private final ProcessRunner runner;

    /**
     * An adapter for one server.
     *
     * @param workDirectory for a restore's files
     */
    public RedisAdapter(RedisConfig config, Path workDirectory, ProcessRunner runner) {
        this.config = config;
        this.workDirectory = workDirectory;
        this.runner = runner;
    }

    @Override
    public String service() {
        return config.kind();
    }

    @Override
    public ServiceInspection inspect() throws InterruptedException {
        StopSignal never = new StopSignal();
        List<Hello.Tool> tools = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        Info info = null;
        try (Connection connection = Connection.openInPassing(config, never)) {
            info = Info.of(connection);
            List<String> missing = NeededCommands.missing(connection);
            if (!missing.isEmpty()) {
                warnings.add(NeededCommands.lacks(missing) + ": " + NeededCommands.hint());
            }
        } catch (IOException e) {
            warnings.add(String.valueOf(e.getMessage()));
        }
        try {
            Hello.Tool program = ScratchServer.find(config, runner, never);
            String misfit = info == null ? null : info.misfit(program);
            String warning = misfit == null
                    ? null
                    : "no backup can be restored with it: " + misfit + "; " + ScratchServer.NAME_ITS_FOLDER;
            if (warning != null) {
                warnings.add(warning);
            }
            tools.add(new Hello.Tool(program.name(), program.version(), program.path(), warning));
        } catch (IOException e) {
            warnings.add(String.valueOf(e.getMessage()));
        }
        return new ServiceInspection(info == null ? null : info.version(), tools, warnings);
    }

    @Override
    public Replication replication(StopSignal stop) throws IOException {
        try (Connection connection = Connection.openInPassing(config, stop)) {
            return Info.of(connection).replication();
        }
    }

    @Override
    public Dump dump(BackupId backup, Attempt attempt) throws IOException {
        try (Connection connection = Connection.open(config, attempt.stop())) {
            return new RedisDump(config, attempt.stop(), Info.of(connection));
        }
    }

    @Override
    public Restore restore(RestoreJournal journal, Attempt attempt) {
        return new InPlaceRestore(
                new RedisData(config, runner, attempt.stop()),
                new RestoreFiles(workDirectory, journal.entry().restore()),
                journal,
                attempt);
    }

    @Override
    public void tidy() throws IOException {
        RestoreFiles.removeExpired(workDirectory);
    }

    @Override
    public void close() {
        // Nothing is held open between jobs.
    }
}
