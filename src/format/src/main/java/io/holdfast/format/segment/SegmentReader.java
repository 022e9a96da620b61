package io.holdfast.format.segment;

import io.holdfast.format.age.FileKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Reads an artifact back: some segments at once, and their plaintext in order. What it gives out of a segment has passed all
 * checks of that segment; whether the artifact is whole is known at the end, which the lines have to be known to be authentic
 * for. After a failure every further read fails. Not safe for several threads.
 *
 * <p>Takes 4.2 MiB for the object of each segment that is under way, and 4 MiB for the plaintext of each of three: the one that
 * is given out, and two that are opened meanwhile. It is less for an artifact of small segments.
 */
public final class SegmentReader extends InputStream {
    /** How many are opened before they are given out. */
    private static final int OPENED_AHEAD = 2;

    private final Iterator<SegmentLine> lines;
    private final SegmentSource source;
    private final Semaphore free;
    private final Supply<byte[]> objects;
    private final Supply<Room> rooms;
    private final Executor executor;
    private final @Nullable ExecutorService own;
    private final Deque<Reading> reading = new ArrayDeque<>();
    /** These are before those that are only read. */
    private final Deque<Future<Room>> opening = new ArrayDeque<>();

    private @Nullable Room current;
    private int position;
    private long number = -1;
    private @Nullable IOException failure;

    /** An object that is on its way. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Reading(SegmentLine line, byte[] object, Future<Integer> bytes) {}

    /**
     * A reader.
     *
     * @param lines of one artifact, in order
     * @param sizes what the artifact was cut to
     * @param secret of the key version that it was cut with, or null as for {@link SegmentOpener}
     * @param window how many objects are read at once, or wait until they are opened; at least 1
     */
    public SegmentReader(
            Iterator<SegmentLine> lines,
            SegmentSource source,
            SegmentSizes sizes,
            @Nullable SegmentSecret secret,
            int window) {
        this(lines, source, sizes, secret, window, Executors.newVirtualThreadPerTaskExecutor());
    }

    private SegmentReader(
            Iterator<SegmentLine> lines,
            SegmentSource source,
            SegmentSizes sizes,
            @Nullable SegmentSecret secret,
            int window,
            ExecutorService own) {
        this(lines, source, sizes, secret, window, own, own);
    }

    /**
     * A reader whose source is called by an executor of the caller's, which is not closed with it.
     *
     * @param executor one that runs at once what it gets makes it read one segment after the other
     */
    public SegmentReader(
            Iterator<SegmentLine> lines,
            SegmentSource source,
            SegmentSizes sizes,
            @Nullable SegmentSecret secret,
            int window,
            Executor executor) {
        this(lines, source, sizes, secret, window, executor, null);
    }

    private SegmentReader(
            Iterator<SegmentLine> lines,
            SegmentSource source,
            SegmentSizes sizes,
            @Nullable SegmentSecret secret,
            int window,
            Executor executor,
            @Nullable ExecutorService own) {
        this.executor = executor;
        this.own = own;
        this.lines = lines;
        this.source = source;
        this.free = new Semaphore(window);
        // One more byte than there may be, so that a longer object is noticed.
        this.objects = new Supply<>(window, () -> new byte[sizes.mostSealed() + 1]);
        this.rooms = new Supply<>(OPENED_AHEAD + 1, () -> new Room(sizes, secret));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (failure != null) {
            throw failure;
        }
        if (length == 0) {
            return 0;
        }
        try {
            Room room = current;
            while (room == null || position == room.length) {
                room = next();
                if (room == null) {
                    return -1;
                }
            }
            int count = Math.min(length, room.length - position);
            System.arraycopy(room.plaintext, position, target, offset, count);
            position += count;
            return count;
        } catch (IOException e) {
            failure = e;
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = new InterruptedIOException("reading was interrupted");
            failure.initCause(e);
            throw failure;
        } catch (RuntimeException | Error e) {
            // What it happened to is lost: whoever reads on would get what comes behind it.
            failure = new IOException("reading has failed before", e);
            throw e;
        }
    }

    private @Nullable Room next() throws IOException, InterruptedException {
        if (current != null) {
            rooms.give(current);
            current = null;
        }
        begin();
        Future<Room> first = opening.poll();
        if (first == null) {
            return null;
        }
        begin();
        number++;
        try {
            current = first.get();
            position = 0;
            return current;
        } catch (ExecutionException e) {
            throw failed(e);
        }
    }

    /** Starts what there is room for. */
    private void begin() throws IOException, InterruptedException {
        try {
            while (lines.hasNext() && free.tryAcquire()) {
                SegmentLine line = lines.next();
                byte[] object = objects.take();
                reading.add(new Reading(line, object, begun(() -> source.read(line, object))));
            }
            while (opening.size() < OPENED_AHEAD && !reading.isEmpty()) {
                Reading next = reading.remove();
                Room room = rooms.take();
                opening.add(begun(() -> open(next, room)));
            }
        } catch (RejectedExecutionException e) {
            throw new IOException("the stream is closed", e);
        }
    }

    private <T> Future<T> begun(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        executor.execute(task);
        return task;
    }

    private Room open(Reading next, Room room) throws IOException, InterruptedException, ExecutionException {
        try {
            return room.fill(next.line, next.object, next.bytes.get(), source);
        } finally {
            objects.give(next.object);
            free.release();
        }
    }

    private IOException failed(ExecutionException e) {
        Throwable cause = e.getCause();
        return switch (cause instanceof ExecutionException ? cause.getCause() : cause) {
            case CorruptSegmentException corrupt ->
                corrupt.segment()
                        .map(name -> new CorruptSegmentException(told(corrupt), name, corrupt))
                        .orElseGet(() -> new CorruptSegmentException(told(corrupt), corrupt));
            case IOException io -> io;
            case RuntimeException unexpected -> throw unexpected;
            case Error error -> throw error;
            case null, default -> new IOException("segment " + number + " could not be read", e);
        };
    }

    private String told(CorruptSegmentException corrupt) {
        return "segment " + number + ": " + corrupt.getMessage();
    }

    /** Stops what is under way, and waits for it if the threads are the reader's own. */
    @Override
    public void close() {
        if (failure == null) {
            failure = new IOException("the stream is closed");
        }
        reading.forEach(each -> each.bytes().cancel(true));
        opening.forEach(each -> each.cancel(true));
        if (own != null) {
            own.shutdownNow();
            own.close();
        }
    }

    /** What one segment's plaintext takes. */
    private static final class Room {
        private final byte[] plaintext;
        private final SegmentOpener opener;
        private int length;

        Room(SegmentSizes sizes, @Nullable SegmentSecret secret) {
            plaintext = new byte[sizes.most()];
            opener = new SegmentOpener(secret);
        }

        Room fill(SegmentLine line, byte[] object, int bytes, SegmentSource source)
                throws IOException, InterruptedException {
            FileKey key = source.key(line);
            try {
                length = opener.open(object, bytes, line, key, plaintext);
                return this;
            } catch (CorruptSegmentException e) {
                throw new CorruptSegmentException(String.valueOf(e.getMessage()), line.name(), e);
            }
        }
    }
}
