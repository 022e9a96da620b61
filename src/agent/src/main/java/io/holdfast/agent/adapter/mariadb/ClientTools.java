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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A product's client programs. MariaDB's have names of their own, and those that they share with MySQL's.
 *
 * @param client runs SQL
 * @param dump writes SQL
 */
record ClientTools(Product product, Path client, Path dump, ToolVersion version) {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** The first folder that has both programs. */
    static ClientTools find(Product product, List<String> folders, ProcessRunner runner, StopSignal stop)
            throws IOException, InterruptedException {
        for (Path folder : ToolFolders.matching(folders)) {
            for (List<String> names : product.programs()) {
                Path client = folder.resolve(names.getFirst());
                Path dump = folder.resolve(names.getLast());
                if (Files.isExecutable(client) && Files.isExecutable(dump)) {
                    return new ClientTools(product, client, dump, version(product, dump, runner, stop));
                }
            }
        }
        throw new JobException(
                FailureCode.TOOL_MISSING,
                "no folder of " + folders + " has "
                        + product.programs().stream()
                                .map(names -> String.join(" and ", names))
                                .collect(Collectors.joining(", or ")),
                "install the " + product.title()
                        + " client programs, or name their folder in adapter.tool_directories");
    }

    private static ToolVersion version(Product product, Path dump, ProcessRunner runner, StopSignal stop)
            throws IOException, InterruptedException {
        Command command = new Command(List.of(dump.toString(), "--no-defaults", "--version"), Map.of(), LIMIT, LIMIT);
        ProcessRunner.Outcome outcome = runner.known(command, stop);
        @Nullable ToolVersion version = product.version(outcome.output());
        if (!outcome.end().good() || version == null) {
            throw new JobException(
                    FailureCode.TOOL_VERSION,
                    dump + " is not " + product.title() + "'s: it says "
                            + outcome.output().strip(),
                    "install the " + product.title() + " client programs, or name their folder in"
                            + " adapter.tool_directories; MariaDB and MySQL each need their own, and kind mariadb or"
                            + " mysql in the agent's settings");
        }
        if (version.compareTo(product.oldest()) < 0) {
            throw new JobException(
                    FailureCode.TOOL_VERSION,
                    dump + " is version " + version + ", and " + product.oldest() + " is the oldest supported version",
                    "update the " + product.title() + " client programs");
        }
        return version;
    }

    /** For the agent's hello. */
    List<Hello.Tool> tools() {
        return List.of(tool(client), tool(dump));
    }

    private Hello.Tool tool(Path path) {
        return new Hello.Tool(
                path.getFileName().toString(), version.toString(), path.toString(), product.warning(version));
    }
}
