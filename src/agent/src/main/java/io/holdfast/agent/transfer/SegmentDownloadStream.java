package io.holdfast.agent.transfer;

import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.manager.ManagerClient;
import io.holdfast.agent.manager.ManagerException;
import io.holdfast.protocol.SegmentDownload;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.HttpURLConnection;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One segment on its way from the store. A thread reads some chunks ahead; when a connection breaks, it goes on where it
 * stopped, with a fresh address. The end of the stream is reached after exactly as many bytes as the manifest says;
 * whether they are the right ones is the reader's business. For one reading thread.
 */
public final class SegmentDownloadStream extends InputStream {
    private static final int CHUNK_BYTES = 256 * 1024;
    private static final int CHUNKS_AHEAD = 8;

    /** What all downloads of one attempt share. */
    public record Downloads(ManagerClient manager, StoreConnections store, Attempt attempt, RandomGenerator random) {}

    /** Some bytes, or the end: of the segment when the failure is null. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Chunk(
            byte[] bytes,
            int length,
            boolean last,
            @Nullable IOException failure) {}

    private final Downloads downloads;
    private final String artifact;
    private final int segment;
    private final long size;
    private final ArrayBlockingQueue<Chunk> full = new ArrayBlockingQueue<>(CHUNKS_AHEAD + 1);
    private final ArrayBlockingQueue<byte[]> free = new ArrayBlockingQueue<>(CHUNKS_AHEAD + 2);
    private final Thread reader;
    private final StopSignal.Registration stopping;
    private @Nullable Chunk current;
    private int used;

    /** Starts to read at once. */
    public SegmentDownloadStream(Downloads downloads, String artifact, int segment, long size) {
        this.downloads = downloads;
        this.artifact = artifact;
        this.segment = segment;
        this.size = size;
        for (int i = 0; i < CHUNKS_AHEAD; i++) {
            free.add(new byte[CHUNK_BYTES]);
        }
        // A virtual thread, because only those let go of a socket when they are interrupted.
        this.reader = Thread.ofVirtual().name("download").start(this::readAhead);
        this.stopping = downloads.attempt().stop().onStop(reader::interrupt);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Chunk chunk = current;
        if (chunk == null || (used == chunk.length() && !chunk.last())) {
            if (chunk != null) {
                free.add(chunk.bytes());
            }
            chunk = next();
            current = chunk;
            used = 0;
        }
        if (chunk.last()) {
            downloads.attempt().stop().check();
            if (chunk.failure() != null) {
                throw chunk.failure();
            }
            return -1;
        }
        int n = Math.min(length, chunk.length() - used);
        System.arraycopy(chunk.bytes(), used, bytes, offset, n);
        used += n;
        return n;
    }

    @Override
    public void close() {
        stopping.close();
        reader.interrupt();
    }

    private Chunk next() throws IOException {
        try {
            return full.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException io = new InterruptedIOException("the download was interrupted");
            io.initCause(e);
            throw io;
        }
    }

    private void readAhead() {
        try {
            Chunk end;
            try {
                readAll();
                end = new Chunk(new byte[0], 0, true, null);
            } catch (IOException e) {
                end = new Chunk(new byte[0], 0, true, e);
            } catch (RuntimeException | Error e) {
                // Nobody else would tell the one who waits for the bytes.
                end = new Chunk(new byte[0], 0, true, new IOException("the download failed: " + e, e));
            }
            full.put(end);
        } catch (InterruptedException e) {
            // Closed or stopped. A reader that still waits gets to know; there is room for one chunk more.
            boolean told = full.offer(new Chunk(new byte[0], 0, true, new InterruptedIOException("stopped")));
            if (!told) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void readAll() throws IOException, InterruptedException {
        long position = 0;
        Outage outage = new Outage(
                artifact + "." + segment,
                downloads.store().patience(),
                downloads.attempt().progress(),
                downloads.random());
        while (position < size) {
            long before = position;
            try {
                position = readFrom(position);
            } catch (JobException | ManagerException e) {
                throw e;
            } catch (Broken e) {
                position = e.position;
                if (Thread.interrupted()) {
                    throw new InterruptedException("download");
                }
                if (position > before) {
                    outage.over();
                }
                outage.pause(e);
            }
        }
        outage.over();
    }

    /** Reads to the end of the segment; throws {@link Broken} when the connection ends before. */
    private long readFrom(long start) throws IOException, InterruptedException {
        SegmentDownload.Address address = downloads
                .manager()
                .download(
                        downloads.attempt().id().job(),
                        new SegmentDownload(downloads.attempt().id().epoch(), artifact, segment),
                        downloads.store().patience().outage());
        long position = start;
        try {
            HttpURLConnection connection = downloads.store().open("GET", address.url(), address.headers());
            if (start > 0) {
                connection.setRequestProperty("Range", "bytes=" + start + "-");
            }
            int status = connection.getResponseCode();
            if (status == 404 || status == 416) {
                throw JobException.corrupt(
                        artifact + "." + segment + " is missing in the store, or shorter than the manifest says", null);
            }
            if (status != (start > 0 ? 206 : 200)) {
                throw new IOException(StoreConnections.refusal(connection, StoreConnections.text(connection)));
            }
            long announced = connection.getContentLengthLong();
            if (announced >= 0 && start + announced != size) {
                connection.disconnect();
                throw JobException.corrupt(
                        artifact + "." + segment + " has " + (start + announced) + " bytes in the store instead of "
                                + size,
                        null);
            }
            try (InputStream in = connection.getInputStream()) {
                while (position < size) {
                    byte[] buffer = free.take();
                    int n = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, size - position));
                    if (n == 0) {
                        free.add(buffer);
                        throw new IOException("the store's answer is shorter than the manifest says");
                    }
                    position += n;
                    downloads.attempt().progress().out(n);
                    full.put(new Chunk(buffer, n, false, null));
                }
            }
            return position;
        } catch (JobException e) {
            throw e;
        } catch (IOException e) {
            throw new Broken(position, e);
        }
    }

    /** A connection that ended too early. */
    private static final class Broken extends IOException {
        private static final long serialVersionUID = 1L;

        private final long position;

        Broken(long position, IOException cause) {
            super(cause.getMessage(), cause);
            this.position = position;
        }
    }
}
