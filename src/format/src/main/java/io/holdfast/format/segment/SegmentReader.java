package io.holdfast.format.segment;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Reads an artifact back: some segments at once, and their plaintext in order. What it gives out of a segment has passed all
 * checks of that segment; whether the artifact is whole is known at the end, which the lines have to be known to be authentic
 * for. After a failure every further read fails. Not safe for several threads.
 *
 * <p>Takes 4 MiB for the plaintext and as much for the object of each segment that is under way, and less for an artifact of
 * small segments.
 */
public final class SegmentReader extends InputStream {
    private final Iterator<SegmentLine> lines;
    private final SegmentSource source;
    private final int window;
    private final Supply<Room> rooms;
    private final Executor executor;
    private final @Nullable ExecutorService own;
    private final Deque<FutureTask<Room>> underWay = new ArrayDeque<>();
    private @Nullable Room current;
    private int position;
    private long number = -1;
    private @Nullable IOException failure;

    /**
     * A reader.
     *
     * @param lines of one artifact, in order
     * @param sizes what the artifact was cut to
     * @param secret of the key version that it was cut with, or null as for {@link SegmentOpener}
     * @param window how many segments are under way at once, at least 1
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
        this.window = window;
        // The one that is given out is not under way any more.
        this.rooms = new Supply<>(window + 1, () -> new Room(sizes, secret));
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
        }
    }

    private @Nullable Room next() throws IOException, InterruptedException {
        if (current != null) {
            rooms.give(current);
            current = null;
        }
        while (underWay.size() < window && lines.hasNext()) {
            SegmentLine line = lines.next();
            Room room = rooms.take();
            FutureTask<Room> task = new FutureTask<>(() -> room.fill(line, source));
            underWay.add(task);
            executor.execute(task);
        }
        FutureTask<Room> first = underWay.poll();
        if (first == null) {
            return null;
        }
        number++;
        try {
            current = first.get();
            position = 0;
            return current;
        } catch (ExecutionException e) {
            throw failed(e);
        }
    }

    private IOException failed(ExecutionException e) {
        return switch (e.getCause()) {
            case CorruptSegmentException corrupt ->
                new CorruptSegmentException("segment " + number + ": " + corrupt.getMessage(), corrupt);
            case IOException io -> io;
            case RuntimeException unexpected -> throw unexpected;
            case Error error -> throw error;
            case null, default -> new IOException("segment " + number + " could not be read", e);
        };
    }

    /** Stops what is under way, and waits for it if the threads are the reader's own. */
    @Override
    public void close() {
        if (failure == null) {
            failure = new IOException("the stream is closed");
        }
        underWay.forEach(each -> each.cancel(true));
        if (own != null) {
            own.shutdownNow();
            own.close();
        }
    }

    /** What one segment takes. */
    private static final class Room {
        private final byte[] object;
        private final byte[] plaintext;
        private final SegmentOpener opener;
        private int length;

        Room(SegmentSizes sizes, @Nullable SegmentSecret secret) {
            // One more than there may be, so that a longer object is noticed.
            object = new byte[sizes.mostSealed() + 1];
            plaintext = new byte[sizes.most()];
            opener = new SegmentOpener(secret);
        }

        Room fill(SegmentLine line, SegmentSource source) throws IOException, InterruptedException {
            int bytes = source.read(line, object);
            length = opener.open(object, bytes, line, source.key(line), plaintext);
            return this;
        }
    }
}
