package io.holdfast.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A manager or an agent as a process of its own, started as the scripts start it. */
final class JavaProcess implements AutoCloseable {
    private static final Path ROOT = Path.of(System.getProperty("holdfast.root", "../.."))
            .toAbsolutePath()
            .normalize();

    /**
     * They live for seconds: not worth the second compiler's work, a collector with threads of its own, or a look at classes
     * that this build has made.
     */
    private static final List<String> SHORT_LIVED = List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:-BytecodeVerificationRemote");

    private final Process process;
    private final Path log;

    private JavaProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Where the project lies. */
    static Path root() {
        return ROOT;
    }

    /** Starts a manager of the release that lies in a folder, which is {@link #root} for this one. */
    static JavaProcess manager(Path release, Path config, Path log, String... jvmOptions) {
        return start(release.resolve("scripts/lib/start-manager"), config, log, jvmOptions);
    }

    /** Starts an agent of the release that lies in a folder. */
    static JavaProcess agent(Path release, Path config, Path log, String... jvmOptions) {
        return start(release.resolve("scripts/lib/start-agent"), config, log, jvmOptions);
    }

    private static JavaProcess start(Path script, Path config, Path log, String... jvmOptions) {
        List<String> command = new ArrayList<>(List.of(script.toString(), config.toString()));
        command.addAll(shortLived(script));
        command.addAll(List.of(jvmOptions));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            process.getOutputStream().close();
            return new JavaProcess(process, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The options of a JVM that a test starts by a script. The first one that is not killed leaves an archive of its classes, as
     * the JVM has them in memory, for those after it.
     */
    static List<String> shortLived(Path script) {
        List<String> options = new ArrayList<>(SHORT_LIVED);
        options.addAll(List.of(
                "-XX:+AutoCreateSharedArchive",
                "-XX:SharedArchiveFile=" + ROOT.resolve("src/acceptance/target").resolve(script.getFileName() + ".jsa"),
                "-Xlog:cds*=off,aot*=off"));
        return options;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for the end. Returns the exit status. */
    int await(int seconds) {
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                throw new AssertionError("process did not end in " + seconds + " s; its log:\n" + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Ends it as {@code kill -9} does. */
    void kill() {
        process.destroyForcibly();
        await(30);
    }

    /** Sends a signal, such as {@code STOP}. */
    void signal(String name) {
        Shell.run("kill", "-s", name, Long.toString(pid()));
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        signalIfAlive();
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void signalIfAlive() {
        if (process.isAlive()) {
            // One that a test has stopped would not hear anything else.
            signal("CONT");
        }
    }
}
