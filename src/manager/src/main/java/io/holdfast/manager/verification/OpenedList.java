package io.holdfast.manager.verification;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.CorruptListException;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentListReader;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.FailureCode;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The list of a backup's segments, copied from the store into a temporary file that nobody else sees, and found to be the one
 * that the manifest means before any line is given out. May be used by several threads.
 */
public final class OpenedList implements AutoCloseable {
    private static final int PAGE = 1000;

    private final SegmentList list;
    private final FileChannel copy;

    private OpenedList(SegmentList list, FileChannel copy) {
        this.list = list;
        this.copy = copy;
    }

    /**
     * Reads one.
     *
     * @throws UnreadableBackup when it is not in the store, or not as it was made
     * @throws StoreException when the store cannot be read now
     */
    static OpenedList read(Store store, Manifest manifest) throws UnreadableBackup {
        String object = StoreLayout.list(manifest.instanceId(), manifest.backupId());
        SegmentList list = manifest.segments().list();
        try {
            Path file = Files.createTempFile("holdfast-list-", null);
            // Its name goes at once: what is left of it when the manager dies is nothing.
            FileChannel copy = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
            try {
                fill(copy, store, object, list);
                requireAsMade(copy, list);
                return new OpenedList(list, copy);
            } catch (IOException | RuntimeException | Error e) {
                copy.close();
                throw e;
            }
        } catch (CorruptListException e) {
            throw new UnreadableBackup(
                    FailureCode.CORRUPT, "the list of its segments is not as it was made: " + e.getMessage(), e);
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.NOT_FOUND) {
                throw new UnreadableBackup(FailureCode.CORRUPT, "the list of its segments is not in the store", e);
            }
            throw e;
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.PASSING, object + " could not be read", e);
        }
    }

    private static void fill(FileChannel copy, Store store, String object, SegmentList list) throws IOException {
        byte[] piece = new byte[64 * 1024];
        long bytes = 0;
        try (InputStream in = store.read(object, 0, Long.MAX_VALUE)) {
            // One byte more than there may be is enough to see that it is too long.
            for (int read = in.read(piece); read >= 0 && bytes <= list.bytes(); read = in.read(piece)) {
                ByteBuffer buffer = ByteBuffer.wrap(piece, 0, read);
                while (buffer.hasRemaining()) {
                    bytes += copy.write(buffer, bytes);
                }
            }
        }
    }

    private static void requireAsMade(FileChannel copy, SegmentList list) throws IOException {
        InputStream in = new BufferedInputStream(Channels.newInputStream(copy.position(0)));
        SegmentListReader reader = new SegmentListReader(in, list);
        while (reader.next() != null) {
            // Each line is looked at, and the hash of all at the end.
        }
    }

    /** How many lines there are. */
    public long size() {
        return list.lines();
    }

    /** Some lines as they are, without their line feeds: as many as there are from the first one on. */
    public List<String> lines(long first, int count) {
        int present = Math.clamp(list.lines() - first, 0, count);
        if (present == 0) {
            return List.of();
        }
        byte[] bytes = new byte[present * list.lineBytes()];
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            long from = list.offset(first);
            while (buffer.hasRemaining()) {
                if (copy.read(buffer, from + buffer.position()) < 0) {
                    throw new IOException("the copy of a list was cut");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < present; i++) {
            lines.add(new String(bytes, i * list.lineBytes(), list.lineBytes() - 1, StandardCharsets.US_ASCII));
        }
        return lines;
    }

    /** Lines from one to another, which is not among them. */
    Iterator<SegmentLine> between(long from, long to) {
        return new Iterator<>() {
            private long next = from;
            private Iterator<String> page = List.<String>of().iterator();

            @Override
            public boolean hasNext() {
                return next < to;
            }

            @Override
            public SegmentLine next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                if (!page.hasNext()) {
                    page = lines(next, (int) Math.min(PAGE, to - next)).iterator();
                }
                next++;
                return parse(page.next());
            }
        };
    }

    /** A line of a list that was found to be authentic. */
    public static SegmentLine parse(String line) {
        try {
            return SegmentList.parse(line);
        } catch (CorruptListException e) {
            throw new IllegalStateException("a line that was read before cannot be read", e);
        }
    }

    @Override
    public void close() {
        try {
            copy.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
