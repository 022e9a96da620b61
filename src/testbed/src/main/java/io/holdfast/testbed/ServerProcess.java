package io.holdfast.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server's process and its temporary folder, under a user of its own when the caller is root. Closing it ends the
 * process and deletes the folder; so does the end of the JVM.
 */
final class ServerProcess implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(5);
    private static final long LOOK_MILLIS = 20;

    /** What it writes has to outlast its own end, but not the machine's; waiting for disks is half of its time else. */
    private static final String NO_FSYNC = "libeatmydata.so";

    private final String name;
    private final String user;
    private final Path folder;
    private final Map<String, String> environment;
    private final Thread atEnd;
    private @Nullable Process process;

    /** Whether a server answers; an exception means no. */
    interface Ready {
        boolean test() throws IOException;
    }

    /**
     * Makes the folder.
     *
     * @param name of the server
     * @param user who runs it when the caller is root
     * @param environment all that it gets beside the caller's
     */
    ServerProcess(String name, String user, Map<String, String> environment) {
        this.name = name;
        this.user = user;
        this.environment = Map.copyOf(environment);
        try {
            this.folder = Files.createTempDirectory("holdfast-" + name);
            own(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.atEnd = new Thread(this::endAndDelete, name + "-end");
        Runtime.getRuntime().addShutdownHook(atEnd);
    }

    Path folder() {
        return folder;
    }

    /** Gives a file to the server's user. */
    void own(Path file) throws IOException {
        if (asRoot()) {
            Files.setOwner(
                    file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user));
        }
    }

    /** Copies a file into the server's folder, for the server alone. */
    Path copy(Path file) throws IOException {
        Path copy = Files.copy(file, folder.resolve(String.valueOf(file.getFileName())));
        own(copy);
        return copy;
    }

    /** Starts the server and waits until it answers. */
    void start(List<String> command, Ready ready) {
        try {
            Path log = folder.resolve("server.log");
            Process started = builder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            process = started;
            long end = System.nanoTime() + START.toNanos();
            while (!answers(ready)) {
                if (System.nanoTime() > end || !started.isAlive()) {
                    throw new IllegalStateException(name + " did not start: " + Files.readString(log));
                }
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends the server at once, as a crash would, with all that it has started. */
    void kill() {
        Process running = process;
        if (running != null) {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly().onExit().join();
        }
    }

    /** Sends a signal, such as {@code STOP}, to the server and all that it has started. */
    void signal(String name) {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException("it does not run");
        }
        signal(running.toHandle(), name);
        running.descendants().forEach(each -> signal(each, name));
    }

    /** A server's children, such as those that save for Redis, end when they like: one that has ended needs no signal. */
    private void signal(ProcessHandle process, String name) {
        try {
            run(List.of("kill", "-" + name, Long.toString(process.pid())), "");
        } catch (IllegalStateException e) {
            if (process.isAlive()) {
                throw e;
            }
        }
    }

    /** Runs a program as the server's user and gives what it prints. */
    String run(List<String> command, String input) {
        try {
            Process program = builder(command).redirectErrorStream(true).start();
            Thread.ofVirtual().start(() -> {
                try (OutputStream out = program.getOutputStream()) {
                    out.write(input.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    // It ended early: its exit code tells.
                }
            });
            String output;
            try (InputStream in = program.getInputStream()) {
                output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
            if (!program.waitFor(START.toSeconds(), TimeUnit.SECONDS) || program.exitValue() != 0) {
                throw new IllegalStateException(command.getFirst() + " failed: " + output.strip());
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atEnd);
        endAndDelete();
    }

    /** Whether somebody listens on this port of 127.0.0.1. */
    static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    static String newPassword() {
        byte[] secret = new byte[16];
        new SecureRandom().nextBytes(secret);
        return HexFormat.of().formatHex(secret);
    }

    private static boolean answers(Ready ready) {
        try {
            return ready.test();
        } catch (IOException | UncheckedIOException | IllegalStateException e) {
            return false;
        }
    }

    private ProcessBuilder builder(List<String> command) {
        List<String> all = new ArrayList<>();
        if (asRoot()) {
            all.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--init-groups", "--"));
        }
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all).directory(folder.toFile());
        builder.environment().putAll(environment);
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("LD_PRELOAD", NO_FSYNC);
        return builder;
    }

    private static boolean asRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private void endAndDelete() {
        kill();
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE; // the server's last breath
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                    Files.deleteIfExists(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
