package io.holdfast.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the JVM has found out about the classes of manager and agent in one run, for all later ones: a third less of the
 * processor's time for each start. Whichever test starts a process first makes it, once for each build, while the others
 * wait. Without it processes take longer to start, and nothing else is different.
 */
final class WarmStart {
    private static final Path FOLDER = JavaProcess.root().resolve("src/acceptance/target/warm-start");
    private static final String INSTANCE = "warm-1";
    private static final int PATIENCE_SECONDS = 300;

    /** The agent's own limits leave no room for what is written about its classes. */
    private static final String[] ROOM = {"-Xmx256m", "-XX:MaxMetaspaceSize=256m"};

    private static boolean made;

    private WarmStart() {}

    /** The options of a JVM that starts a program of this release. */
    static List<String> options(String program) {
        make();
        Path cache = cache(program);
        return Files.exists(cache) ? List.of("-XX:AOTCache=" + cache) : List.of();
    }

    private static synchronized void make() {
        if (made) {
            return;
        }
        made = true; // what is started for it starts without it
        try {
            Files.createDirectories(FOLDER);
            try (FileChannel channel = FileChannel.open(
                            FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                Path done = FOLDER.resolve("made");
                if (lock.isValid() && !isNewerThanAllJars(done)) {
                    for (String program : List.of("manager", "agent")) {
                        Files.deleteIfExists(cache(program));
                    }
                    run();
                    Files.writeString(done, "");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isNewerThanAllJars(Path file) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        FileTime made = Files.getLastModifiedTime(file);
        for (String program : List.of("manager", "agent")) {
            Path target = JavaProcess.root().resolve("src/" + program + "/target");
            for (Path folder : List.of(target, target.resolve("lib"))) {
                try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*.jar")) {
                    for (Path jar : jars) {
                        if (Files.getLastModifiedTime(jar).compareTo(made) >= 0) {
                            return false;
                        }
                    }
                }
            }
        }
        return true;
    }

    /** One backup, from the start to the end of both. */
    private static void run() throws IOException {
        try (Landscape landscape = new Landscape()) {
            Path data = Files.createDirectory(landscape.folder().resolve("data"));
            Files.writeString(data.resolve("file"), "data");
            JavaProcess manager = landscape.startManager(recording("manager"));
            JavaProcess agent = landscape.startAgent(
                    INSTANCE,
                    0,
                    Map.of("kind", "directory", "path", data.toString()),
                    Stream.of(recording("agent"), ROOM).flatMap(Stream::of).toArray(String[]::new));
            landscape.awaitAgent(INSTANCE);
            landscape.api().awaitBackup(INSTANCE, landscape.api().startBackup(INSTANCE));
            agent.end(PATIENCE_SECONDS);
            manager.end(PATIENCE_SECONDS);
            Path log = FOLDER.resolve("log");
            Path config = landscape.folder().resolve("manager.json");
            keep("manager", JavaProcess.manager(JavaProcess.root(), config, log, making("manager")));
            keep(
                    "agent",
                    JavaProcess.agent(
                            JavaProcess.root(),
                            config,
                            log,
                            Stream.of(making("agent"), ROOM).flatMap(Stream::of).toArray(String[]::new)));
        }
    }

    private static String[] recording(String program) {
        return new String[] {"-XX:AOTMode=record", "-XX:AOTConfiguration=" + FOLDER.resolve(program + ".record")};
    }

    /** The JVM only writes then, and ends. */
    private static String[] making(String program) {
        return new String[] {
            "-XX:AOTMode=create",
            "-XX:AOTConfiguration=" + FOLDER.resolve(program + ".record"),
            "-XX:AOTCache=" + unfinished(program)
        };
    }

    private static void keep(String program, JavaProcess making) throws IOException {
        if (making.await(PATIENCE_SECONDS) == 0) {
            Files.move(unfinished(program), cache(program), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static Path unfinished(String program) {
        return FOLDER.resolve(program + ".new");
    }

    private static Path cache(String program) {
        return FOLDER.resolve(program + ".aot");
    }
}
