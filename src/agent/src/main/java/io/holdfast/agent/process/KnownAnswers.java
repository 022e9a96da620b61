package io.holdfast.agent.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What programs have answered to the same question, such as {@code --version}, as long as their files are the same. May be
 * used by any thread.
 */
final class KnownAnswers {
    /** A program's file as it was when it answered; another one in its place differs in one of these. */
    private record Program(
            Path path,
            FileTime changed,
            long size,
            @Nullable Object key) {}

    private record Known(Program program, ProcessRunner.Outcome outcome) {}

    private final List<Path> folders;
    private final Map<Command, Known> known = new ConcurrentHashMap<>();

    /**
     * Knows nothing yet.
     *
     * @param folders where programs without a folder of their own are looked for
     */
    KnownAnswers(List<Path> folders) {
        this.folders = List.copyOf(folders);
    }

    /** Asks, by starting the program. */
    interface Asking {
        ProcessRunner.Outcome ask() throws IOException, InterruptedException;
    }

    /** What it answered before, if its file is the same; else asks. Only good answers are kept. */
    ProcessRunner.Outcome of(Command command, Asking asking) throws IOException, InterruptedException {
        Optional<Program> program = program(command.arguments().getFirst());
        Known before = known.get(command);
        if (before != null && program.isPresent() && before.program.equals(program.get())) {
            return before.outcome;
        }
        ProcessRunner.Outcome outcome = asking.ask();
        if (program.isPresent() && outcome.end().good()) {
            known.put(command, new Known(program.get(), outcome));
        }
        return outcome;
    }

    private Optional<Program> program(String name) throws IOException {
        List<Path> places = name.contains("/")
                ? List.of(Path.of(name))
                : folders.stream().map(folder -> folder.resolve(name)).toList();
        for (Path path : places) {
            if (Files.isExecutable(path)) {
                BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
                return Optional.of(new Program(path, file.lastModifiedTime(), file.size(), file.fileKey()));
            }
        }
        return Optional.empty();
    }
}
