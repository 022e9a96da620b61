package io.holdfast.agent.adapter.command;

import io.holdfast.agent.adapter.LiveData;
import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.config.CommandConfig;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The data that the commands dump and restore. */
final class CommandData implements LiveData {
    private static final String DATA_FILE = "data";
    private static final String CLOSED_FILE = "closed";
    /** The service was told to stop, which was not waited for to its end. */
    private static final String STOPPING_FILE = "stopping";
    /** The service has stopped. */
    private static final String STOPPED_FILE = "stopped";

    private final CommandConfig config;
    private final Commands commands;
    private final Service service;

    CommandData(CommandConfig config, Commands commands, Service service) {
        this.config = config;
        this.commands = commands;
        this.service = service;
    }

    @Override
    public long preflight(Manifest manifest) throws IOException, InterruptedException {
        Manifest.Artifact data = RestoreFiles.artifact(manifest, CommandAdapter.DATA);
        if (config.restore().isEmpty()) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED, "there is no restore command", "set adapter.restore_command");
        }
        commands.requirePrograms();
        return config.safetyCopy() ? Math.max(commands.size(), data.plaintextBytes()) : 0;
    }

    @Override
    public void stage(RestoreOrder order, RestoreFiles files) throws IOException {
        RestoreFiles.fetch(
                order, CommandAdapter.DATA, files.backup().resolve(DATA_FILE), commands.check("the backup's dump"));
    }

    /** The service has to run while it is dumped, and may have to be stopped while it is restored. */
    @Override
    public boolean savesFirst() {
        return true;
    }

    @Override
    public void close(RestoreFiles files) throws IOException, InterruptedException {
        Files.createFile(files.closed().resolve(CLOSED_FILE));
        commands.step(config.preRestore(), FailureCode.RESTORE_FAILED);
    }

    @Override
    public void save(RestoreFiles files) throws IOException, InterruptedException {
        if (config.safetyCopy()) {
            try (InputStream dump = commands.safetyCopy()) {
                RestoreFiles.write(dump, files.old().resolve(DATA_FILE), OutputCheck.ANYTHING);
            } catch (JobException e) {
                throw e.code() == FailureCode.DUMP_FAILED || e.code() == FailureCode.INCOMPLETE_DUMP ? noCopy(e) : e;
            }
        }
    }

    private static JobException noCopy(JobException e) {
        return new JobException(
                e.code(),
                "what the restore would replace cannot be saved: " + e.getMessage(),
                (e.hint() == null ? "" : e.hint() + "; ")
                        + "if the data is lost already, set adapter.pre_restore_copy to false for this restore",
                e);
    }

    @Override
    public void stop(RestoreFiles files) throws IOException, InterruptedException {
        if (service.stops()) {
            Path stopping = Files.createFile(files.closed().resolve(STOPPING_FILE));
            service.stop();
            Files.move(stopping, files.closed().resolve(STOPPED_FILE), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    @Override
    public void replace(RestoreFiles files, Content by) throws IOException, InterruptedException {
        Path dump = files.of(by).resolve(DATA_FILE);
        try {
            if (!Files.exists(dump)) {
                throw new JobException(
                        FailureCode.NEEDS_OPERATOR, "there is no pre-restore copy: pre_restore_copy is false");
            }
            if (by == Content.OLD || !service.hasStopped()) {
                service.stop(); // it may have been started since, with data that it does not take
            }
            commands.restore(dump);
        } catch (JobException e) {
            throw by == Content.OLD && service.hasStopped()
                    ? new JobException(e.code(), e.getMessage() + "; the service stays stopped", e.hint(), e)
                    : e;
        }
    }

    @Override
    public void validate(RestoreFiles files) throws IOException, InterruptedException {
        try {
            commands.step(config.check(), FailureCode.VALIDATION_FAILED);
        } catch (JobException e) {
            throw e.code() == FailureCode.TOOL_TIMEOUT
                    ? new JobException(FailureCode.VALIDATION_FAILED, e.getMessage() + "", e.hint(), e)
                    : e;
        }
        service.start(false, FailureCode.VALIDATION_FAILED);
    }

    @Override
    public Result result(RestoreFiles files) {
        List<String> notes = config.check().isEmpty() && !service.stops()
                ? List.of("there is no check command: the data was not checked")
                : List.of();
        return new Result(List.of(CommandAdapter.DATA), List.of(), notes);
    }

    @Override
    public List<String> safetyCopy(RestoreFiles files, Path folder) {
        return Files.exists(folder.resolve(DATA_FILE)) ? List.of(folder.toString()) : List.of();
    }

    /** Each step that is done is not done again when a later one fails, and is tried again. */
    @Override
    public void open(RestoreFiles files, Content now) throws IOException, InterruptedException {
        for (String name : List.of(STOPPING_FILE, STOPPED_FILE)) {
            Path mark = files.closed().resolve(name);
            if (Files.exists(mark)) {
                service.start(name.equals(STOPPING_FILE), FailureCode.NEEDS_OPERATOR);
                Files.delete(mark);
            }
        }
        Path closed = files.closed().resolve(CLOSED_FILE);
        if (Files.exists(closed)) {
            commands.step(config.postRestore(), FailureCode.NEEDS_OPERATOR);
            Files.delete(closed);
        }
    }
}
