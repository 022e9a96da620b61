package io.holdfast.agent.adapter.postgresql;

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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds PostgreSQL's client programs, and picks those that fit a server. */
final class ClientTools {
    static final List<String> NAMES = List.of("pg_dump", "pg_dumpall", "pg_restore", "psql");

    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** One folder with all of the programs. */
    record Folder(Path path, ToolVersion version) {
        Path program(String name) {
            return path.resolve(name);
        }

        List<Hello.Tool> tools() {
            return NAMES.stream()
                    .map(name -> new Hello.Tool(
                            name, version.toString(), program(name).toString(), version.warning()))
                    .toList();
        }
    }

    private final List<String> patterns;
    private final boolean refuseUnsafe;
    private final ProcessRunner runner;

    ClientTools(List<String> patterns, boolean refuseUnsafe, ProcessRunner runner) {
        this.patterns = patterns;
        this.refuseUnsafe = refuseUnsafe;
        this.runner = runner;
    }

    /** All folders with programs, the newest version first. */
    List<Folder> find(StopSignal stop) throws IOException, InterruptedException {
        List<Folder> folders = new ArrayList<>();
        for (Path path : ToolFolders.matching(patterns)) {
            if (NAMES.stream().allMatch(name -> Files.isExecutable(path.resolve(name)))) {
                ToolVersion version = version(path.resolve("pg_dump"), stop);
                if (version != null) {
                    folders.add(new Folder(path, version));
                }
            }
        }
        folders.sort(Comparator.comparing(
                        Folder::version,
                        Comparator.comparingInt(ToolVersion::major).thenComparingInt(ToolVersion::minor))
                .reversed());
        return folders;
    }

    /** Any programs at all, to ask the server for its version. */
    Folder any(StopSignal stop) throws IOException, InterruptedException {
        List<Folder> folders = find(stop);
        if (folders.isEmpty()) {
            throw new JobException(
                    FailureCode.TOOL_MISSING,
                    "no folder of " + patterns + " has all of " + NAMES,
                    "install the PostgreSQL client programs, or name their folder in adapter.tool_directories");
        }
        return folders.getFirst();
    }

    /** pg_restore and the archives of pg_dump set a parameter from here on that older servers do not have. */
    private static final int TRANSACTION_TIMEOUT = 17;

    /** Whether programs can dump a server, and fill one of the same version again. */
    private static boolean fits(int programs, int server) {
        return programs == server || (programs > server && programs < TRANSACTION_TIMEOUT);
    }

    /** The programs for a server: of its own major version, or else of the next newer one that fits. */
    Folder fitting(int serverMajor, StopSignal stop) throws IOException, InterruptedException {
        any(stop);
        Folder best = null;
        for (Folder folder : find(stop)) {
            int major = folder.version().major();
            if (fits(major, serverMajor)
                    && (best == null || major < best.version().major())) {
                best = folder;
            }
        }
        if (best == null) {
            throw new JobException(
                    FailureCode.TOOL_VERSION,
                    "no client programs fit the server, which has version " + serverMajor + "; found: "
                            + find(stop).stream()
                                    .map(folder -> folder.version().toString())
                                    .toList(),
                    "install the PostgreSQL client programs of version " + serverMajor);
        }
        String warning = best.version().warning();
        if (warning != null && refuseUnsafe) {
            throw new JobException(
                    FailureCode.TOOL_VERSION,
                    "the client programs in " + best.path() + " are refused: " + warning,
                    "update them, or set adapter.refuse_unsafe_tools to false");
        }
        return best;
    }

    private @Nullable ToolVersion version(Path program, StopSignal stop) throws IOException, InterruptedException {
        Command command = new Command(List.of(program.toString(), "--version"), Map.of(), LIMIT, LIMIT);
        ProcessRunner.Outcome outcome = runner.known(command, stop);
        return outcome.end().good() ? ToolVersion.parse(outcome.output()) : null;
    }
}
