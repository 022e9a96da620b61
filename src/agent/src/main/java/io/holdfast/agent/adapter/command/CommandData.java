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
import java.util.List;

/** The data that the commands dump and restore. */
final class CommandData implements LiveData {
    private static final String DATA_FILE = "data";
    private static final String CLOSED_FILE = "closed";

    private final CommandConfig config;
    private final Commands commands;

    CommandData(CommandConfig config, Commands commands) {
        this.config = config;
        this.commands = commands;
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
            }
        }
    }

    @Override
    public void replace(RestoreFiles files, Content by) throws IOException, InterruptedException {
        Path dump = files.of(by).resolve(DATA_FILE);
        if (!Files.exists(dump)) {
            throw new JobException(FailureCode.NEEDS_OPERATOR, "there is no safety copy: safety_copy is false");
        }
        commands.restore(dump);
    }

    @Override
    public void validate(RestoreFiles files) throws IOException, InterruptedException {
        commands.step(config.check(), FailureCode.VALIDATION_FAILED);
    }

    @Override
    public Result result(RestoreFiles files) {
        List<String> notes = config.check().isEmpty()
                ? List.of("there is no check command: nobody has looked at the data")
                : List.of();
        return new Result(List.of(CommandAdapter.DATA), List.of(), notes);
    }

    @Override
    public void open(RestoreFiles files, Content now) throws IOException, InterruptedException {
        Path closed = files.closed().resolve(CLOSED_FILE);
        if (Files.exists(closed)) {
            commands.step(config.postRestore(), FailureCode.NEEDS_OPERATOR);
            Files.delete(closed);
        }
    }
}
