package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.ToolFolders;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * MariaDB's client programs, under their own names or under those that they share with MySQL's.
 *
 * @param client runs SQL
 * @param dump writes SQL
 */
record ClientTools(Path client, Path dump, ToolVersion version) {
    private static final List<List<String>> NAMES =
            List.of(List.of("mariadb", "mariadb-dump"), List.of("mysql", "mysqldump"));
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** The first folder that has both programs. */
    static ClientTools find(List<String> folders, ProcessRunner runner, StopSignal stop)
            throws IOException, InterruptedException {
        for (Path folder : ToolFolders.matching(folders)) {
            for (List<String> names : NAMES) {
                Path client = folder.resolve(names.getFirst());
                Path dump = folder.resolve(names.getLast());
                if (Files.isExecutable(client) && Files.isExecutable(dump)) {
                    return new ClientTools(client, dump, version(dump, runner, stop));
                }
            }
        }
        throw new JobException(
                FailureCode.TOOL_MISSING,
                "no folder of " + folders + " has mariadb and mariadb-dump (or mysql and mysqldump)",
                "install the MariaDB client programs, or name their folder in adapter.tool_directories");
    }

    private static ToolVersion version(Path dump, ProcessRunner runner, StopSignal stop)
            throws IOException, InterruptedException {
        Command command = new Command(List.of(dump.toString(), "--no-defaults", "--version"), Map.of(), LIMIT, LIMIT);
        ProcessRunner.Outcome outcome = runner.run(command, "", stop);
        @Nullable ToolVersion version = ToolVersion.parse(outcome.output());
        if (!outcome.end().good() || version == null) {
            throw new JobException(
                    FailureCode.TOOL_VERSION,
                    dump + " is not MariaDB's: it says " + outcome.output().strip(),
                    "install the MariaDB client programs, or name their folder in adapter.tool_directories");
        }
        if (version.tooOld()) {
            throw new JobException(
                    FailureCode.TOOL_VERSION,
                    dump + " is version " + version + ", and " + ToolVersion.OLDEST + " is the oldest that will do",
                    "update the MariaDB client programs");
        }
        return version;
    }

    /** For the agent's hello. */
    List<Hello.Tool> tools() {
        return List.of(tool(client), tool(dump));
    }

    private Hello.Tool tool(Path path) {
        return new Hello.Tool(path.getFileName().toString(), version.toString(), path.toString(), version.warning());
    }
}
