package io.holdfast.agent.process;

import io.holdfast.agent.attempt.StopSignal;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A program while it runs. One thread reads its output and another may feed its input; {@link #close()} ends it together
 * with everything that it started, and is to be called in any case.
 */
public final class RunningProcess implements AutoCloseable {
    private static final long WATCH_MILLIS = 250;
    private static final int LONGEST_LINE = 4096;
    private static final int COPY_BYTES = 256 * 1024;

    private final Command command;
    private final Process process;
    private final Session session;
    private final Excerpt errors = new Excerpt();
    private final Thread errorReader;
    private final StopSignal.Registration stopping;
    private final long startedAt = System.nanoTime();
    private volatile long waitingSince;
    private volatile long lastErrorAt = startedAt;
    private volatile boolean timedOut;
    private volatile @Nullable Consumer<String> errorLine;

    RunningProcess(Command command, Process process, StopSignal stop) {
        this.command = command;
        this.process = process;
        this.session = new Session(process);
        this.errorReader = Thread.ofPlatform()
                .name(command.name() + "-errors")
                .daemon()
                .stackSize(ProcessRunner.SMALL_STACK)
                .start(this::readErrors);
        Thread.ofPlatform()
                .name(command.name() + "-watch")
                .daemon()
                .stackSize(ProcessRunner.SMALL_STACK)
                .start(this::watch);
        this.stopping = stop.onStop(session::kill);
    }

    /** Standard output. Its end says nothing yet about success: see {@link #await()}. */
    public InputStream output() {
        return new WatchedOutput(process.getInputStream());
    }

    /** Standard input; to be closed by the caller. */
    public OutputStream input() {
        return new WatchedInput(process.getOutputStream());
    }

    /** Writes all of the input in a thread of its own, so that output can be read meanwhile, and closes it. */
    public void feed(byte[] input) {
        Thread.ofPlatform()
                .name(command.name() + "-input")
                .daemon()
                .stackSize(ProcessRunner.SMALL_STACK)
                .start(() -> {
                    try (OutputStream in = process.getOutputStream()) {
                        in.write(input);
                    } catch (IOException e) {
                        // The program ended before it had read everything: its exit code tells.
                    }
                });
    }

    /**
     * Copies a stream to standard input and closes that. Returns false when the program stopped reading before the
     * stream's end: its exit code tells why.
     *
     * @throws IOException what the stream throws; nothing of what it throws for has reached the program
     */
    public boolean feed(InputStream source) throws IOException {
        byte[] buffer = new byte[COPY_BYTES];
        try (OutputStream in = input()) {
            for (int n = source.read(buffer); n >= 0; n = source.read(buffer)) {
                try {
                    in.write(buffer, 0, n);
                } catch (IOException e) {
                    throw new PipeClosed(e);
                }
            }
            return true;
        } catch (PipeClosed e) {
            return false;
        }
    }

    /** Also gives each line that the program writes to standard error from now on to somebody, by another thread. */
    public void onErrorLine(Consumer<String> line) {
        errorLine = line;
    }

    /** Whether it still runs. */
    public boolean running() {
        return process.isAlive();
    }

    /** Waits for a program that is about to end, but not for long. */
    public boolean endsWithin(Duration most) {
        try {
            return process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Waits until the program has ended; its output must have been read to the end. */
    public ProcessEnd await() throws InterruptedException {
        int exitCode = process.waitFor();
        // Somebody that it left behind may hold standard error open.
        errorReader.join(1000);
        if (errorReader.isAlive()) {
            session.killNow();
            errorReader.join(1000);
        }
        return new ProcessEnd(command.name(), exitCode, timedOut, errors.text(), errors.lines());
    }

    @Override
    public void close() {
        stopping.close();
        if (process.isAlive()) {
            session.kill();
        } else {
            session.killNow();
        }
        process.destroyForcibly();
    }

    private void readErrors() {
        byte[] buffer = new byte[8192];
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (InputStream in = process.getErrorStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                errors.add(buffer, n);
                Consumer<String> listener = errorLine;
                if (listener != null) {
                    lines(buffer, n, line, listener);
                }
                lastErrorAt = System.nanoTime();
            }
        } catch (IOException e) {
            // The pipe was closed from this side, after a kill.
        }
    }

    private static void lines(byte[] bytes, int length, ByteArrayOutputStream line, Consumer<String> listener) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                listener.accept(line.toString(StandardCharsets.UTF_8));
                line.reset();
            } else if (line.size() < LONGEST_LINE) {
                line.write(bytes[i]);
            }
        }
    }

    private void watch() {
        try {
            while (!process.waitFor(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
                long now = System.nanoTime();
                long since = waitingSince;
                long idle = command.idleLimit().toNanos();
                // Somebody waits for it, and it says nothing at all.
                boolean hangs = since != 0 && now - since > idle && now - lastErrorAt > idle;
                if (hangs || now - startedAt > command.timeLimit().toNanos()) {
                    timedOut = true;
                    session.kill();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void waiting(boolean now) {
        // 0 means nobody waits; a clock that happens to read 0 is one nanosecond off.
        waitingSince = now ? Math.max(1, System.nanoTime()) : 0;
    }

    /** The program does not read any more. */
    private static final class PipeClosed extends IOException {
        private static final long serialVersionUID = 1L;

        PipeClosed(IOException cause) {
            super(cause);
        }
    }

    private final class WatchedOutput extends FilterInputStream {
        WatchedOutput(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            waiting(true);
            try {
                return super.read(bytes, offset, length);
            } finally {
                waiting(false);
            }
        }
    }

    private final class WatchedInput extends FilterOutputStream {
        WatchedInput(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            waiting(true);
            try {
                out.write(bytes, offset, length);
                out.flush();
            } finally {
                waiting(false);
            }
        }
    }
}
