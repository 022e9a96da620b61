package io.holdfast.acceptance;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Looks at the arguments and the environment of all processes of the machine, again and again, for secrets. */
final class ProcessWatch implements AutoCloseable {
    private final Secrets secrets;
    private final List<String> found = new ArrayList<>();
    private final AtomicInteger rounds = new AtomicInteger();
    private final Thread thread;
    private volatile boolean ended;

    ProcessWatch(Secrets secrets) {
        this.secrets = secrets;
        this.thread = Thread.ofPlatform().name("process-watch").start(this::watch);
    }

    private void watch() {
        while (!ended) {
            try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
                for (Path process : processes) {
                    look(process, "cmdline");
                    look(process, "environ");
                }
                rounds.incrementAndGet();
            } catch (IOException e) {
                throw new AssertionError("/proc cannot be read", e);
            }
        }
    }

    private void look(Path process, String file) {
        try {
            byte[] content = Files.readAllBytes(process.resolve(file));
            List<String> names = secrets.in(content);
            if (!names.isEmpty()) {
                synchronized (found) {
                    found.add(names + " in " + file + " of "
                            + Files.readString(process.resolve("comm")).strip());
                }
            }
        } catch (IOException e) {
            // The process has ended.
        }
    }

    int rounds() {
        return rounds.get();
    }

    List<String> found() {
        synchronized (found) {
            return List.copyOf(found);
        }
    }

    @Override
    public void close() {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
