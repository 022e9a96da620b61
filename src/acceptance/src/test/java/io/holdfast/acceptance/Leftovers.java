package io.holdfast.acceptance;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.Runs;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Looks for all that a job may leave behind, on the machine, in PostgreSQL and in a directory store. */
record Leftovers(Landscape landscape, String instance, PostgresCluster cluster) {
    private static final String DATABASES = """
            SELECT datname || CASE WHEN datallowconn THEN '' ELSE ', which takes no connections' END FROM pg_database
            WHERE datname ~ '^holdfast_(new|maintenance)_'
                OR NOT datallowconn AND datname <> 'template0' AND datname !~ '^holdfast_old_'
            """;

    /** Waits until nothing is left. */
    void awaitNone(Duration most) {
        Eventually.within(most, () -> "nothing is left, but " + all() + "\n" + landscape.logs(), () -> all().isEmpty());
    }

    /** What is there and should not be; empty when all is well. */
    List<String> all() {
        List<String> found = new ArrayList<>();
        processes().forEach(each -> found.add("process " + each));
        openUploads().forEach(each -> found.add("open upload " + each));
        unexplainedObjects().forEach(each -> found.add("object " + each));
        cluster.psql("postgres", DATABASES).lines().forEach(each -> found.add("database " + each));
        journals().forEach(each -> found.add("journal " + each));
        return found;
    }

    /**
     * Client programs that were started for this server, by an agent that lives or by one that died; without the one
     * connection that an agent keeps, while it lives, to ask for its node's role.
     */
    List<String> processes() {
        List<String> found = new ArrayList<>();
        Set<Long> keep = new HashSet<>();
        String server = "&port=" + cluster.port() + "&";
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes
                    .filter(each -> each.getFileName().toString().matches("[0-9]+"))
                    .toList()) {
                String arguments = arguments(process);
                if (arguments.contains(server)
                        && !(arguments.contains("/psql ")
                                && livingAgent(process).filter(keep::add).isPresent())) {
                    found.add(process.getFileName() + ": " + arguments);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /** The agent that has started a process, if it was one that is still there. */
    private static Optional<Long> livingAgent(Path process) {
        return ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
                .flatMap(ProcessHandle::parent)
                .map(ProcessHandle::pid)
                .filter(pid -> arguments(Path.of("/proc/" + pid)).contains("io.holdfast.agent.Main"));
    }

    private static String arguments(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ');
        } catch (IOException e) {
            return ""; // it has ended in between
        }
    }

    List<Path> openUploads() {
        return landscape.stored(".uploads/");
    }

    /** Objects of backups that no manifest of a good backup names. */
    List<Path> unexplainedObjects() {
        Set<Path> explained = new HashSet<>();
        for (JsonNode backup :
                landscape.api().get("/instances/" + instance + "/backups").json()) {
            if (backup.get("status").asString().equals("done")) {
                explained.addAll(objects(backup.get("backup_id").asString()));
            }
        }
        return Stream.concat(landscape.stored("/backups/").stream(), landscape.stored("/segments/").stream())
                .filter(file -> !explained.contains(file))
                .toList();
    }

    private List<Path> objects(String backup) {
        Path root = landscape.storeFolder().resolve("v2/instances/" + instance);
        Path folder = root.resolve("backups").resolve(backup);
        List<Path> objects = new ArrayList<>(List.of(folder.resolve("manifest.json"), folder.resolve("segments.list")));
        try {
            Manifest manifest =
                    SignedManifest.parse(Files.readAllBytes(objects.getFirst())).manifest();
            for (Manifest.Brought brought : manifest.segments().brought()) {
                for (Runs.Run run : brought.runs().runs()) {
                    for (int number = run.first(); number <= run.last(); number++) {
                        objects.add(
                                root.resolve(new SegmentName(brought.backupId(), brought.attempt(), number).path()));
                    }
                }
            }
        } catch (SignedFileException e) {
            throw new AssertionError("backup " + backup + " is listed, but has no manifest", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return objects;
    }

    /** Journals of restores that no agent has brought to their end. */
    List<Path> journals() {
        return FileTree.files(landscape.folder()).stream()
                .filter(file -> file.getFileName().toString().matches("restore-[0-9]+\\.json.*"))
                .toList();
    }
}
