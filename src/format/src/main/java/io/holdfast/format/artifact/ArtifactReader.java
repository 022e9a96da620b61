package io.holdfast.format.artifact;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.zstd.CorruptFrameException;
import io.holdfast.format.zstd.FrameReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads an artifact back from its segments, at constant memory (about 3 MiB).
 *
 * <p>What it gives out is authentic and in place, but not known to be whole before the end has been read: use nothing
 * of it before. The end of the stream is answered only after size and hash of every segment were found right. After a
 * failure every further read fails the same way. Not safe for several threads.
 */
public final class ArtifactReader extends InputStream {
    private final Iterator<? extends SegmentSource> segments;
    private @Nullable InputStream current;
    private int number = -1;
    private @Nullable IOException failure;

    private ArtifactReader(List<? extends SegmentSource> segments) {
        this.segments = segments.iterator();
    }

    /**
     * The plaintext of all these segments in this order. Each is opened when it is reached.
     *
     * <p>Reads throw {@link CorruptArtifactException} for everything that is not as it was sealed, and the source's own
     * {@link IOException} when it cannot be read.
     *
     * @throws IllegalArgumentException when there is no segment: every artifact has one
     */
    public static InputStream open(List<? extends SegmentSource> segments) {
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("an artifact has at least one segment");
        }
        return new ArtifactReader(List.copyOf(segments));
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
            return readAcross(target, offset, length);
        } catch (CorruptArtifactException | CorruptFrameException | AgeException e) {
            failure = new CorruptArtifactException("segment " + number + ": " + e.getMessage(), e);
        } catch (IOException e) {
            failure = e;
        }
        throw failure;
    }

    private int readAcross(byte[] target, int offset, int length) throws IOException {
        while (true) {
            if (current == null) {
                if (!segments.hasNext()) {
                    return -1;
                }
                number++;
                current = open(segments.next());
            }
            int count = current.read(target, offset, length);
            if (count >= 0) {
                return count;
            }
            current.close();
            current = null;
        }
    }

    private static InputStream open(SegmentSource segment) throws IOException {
        InputStream source = segment.open();
        try {
            InputStream sealed = new SealedInput(source, segment.bytes(), segment.sha256());
            return new FrameReader(Age.decrypt(sealed, segment.key()));
        } catch (IOException | RuntimeException e) {
            try (source) {
                throw e;
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (failure == null) {
            failure = new IOException("the stream is closed");
        }
        if (current != null) {
            current.close();
            current = null;
        }
    }
}
