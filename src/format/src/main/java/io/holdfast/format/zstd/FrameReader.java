package io.holdfast.format.zstd;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses a row of frames, each wholly before any byte of it is given out.
 *
 * <p>Only frames as docs/format.md allows them are taken: content size stated and at most 1 MiB, content checksum
 * present and right, no dictionary. So memory stays below 3 MiB whatever the input says. Where a read fails, what it has
 * put into its target does not count. The input ends between two
 * frames and holds at least one. After a failure every further read fails the same way. Not safe for several threads;
 * closing frees the native memory and closes the input.
 */
public final class FrameReader extends InputStream {
    /** Most bytes of content in a frame. */
    public static final int LARGEST_CONTENT = 1024 * 1024;

    static final int CHECKSUM_BYTES = 4;

    private static final long MAGIC = 0xFD2FB528L;
    private static final int BLOCK_HEADER_BYTES = 3;
    private static final int LARGEST_BLOCK = 128 * 1024;
    /** Block types of RFC 8878, 3.1.1.2.2. */
    private static final int RUN_LENGTH = 1;

    private static final int RESERVED = 3;

    private final InputStream in;
    private final ZstdDecompressCtx context = new ZstdDecompressCtx();
    private final byte[] frame;
    /** What did not fit where the reader wanted it; made when it is needed first. */
    private byte[] content = new byte[0];

    private int length;
    private int position;
    private int available;
    private long frames;
    private boolean ended;
    private boolean closed;
    private @Nullable IOException failure;

    /** Reads the frames of this stream. */
    public FrameReader(InputStream in) {
        this(in, new byte[FrameCompressor.largestFrameBytes()]);
    }

    /**
     * The same, for who reads many streams.
     *
     * @param room for a frame, {@link FrameCompressor#largestFrameBytes} bytes; the next reader may have it when this one is done
     */
    public FrameReader(InputStream in, byte[] room) {
        this.in = in;
        this.frame = room;
    }

    @Override
    public int read() throws IOException {
        return fill(content, 0, 0) < 0 ? -1 : content[position++] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, target.length);
        if (count == 0) {
            return 0;
        }
        int direct = fill(target, offset, count);
        if (direct != 0) {
            return direct;
        }
        int given = Math.min(count, available - position);
        System.arraycopy(content, position, target, offset, given);
        position += given;
        return given;
    }

    @Override
    public int available() {
        return available - position;
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            context.close();
        }
        in.close();
    }

    /**
     * Makes sure that there is something to give out. A frame that fits into the target goes there directly.
     *
     * @return how many bytes are in the target; 0 when there are some in {@link #content} instead; -1 at the end
     */
    private int fill(byte[] target, int offset, int count) throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
        if (failure != null) {
            throw failure;
        }
        try {
            while (position == available && !ended) {
                int size = nextFrame();
                if (size > 0 && size <= count) {
                    decompress(size, target, offset);
                    return size;
                } else if (size >= 0) {
                    content = content.length == 0 ? new byte[LARGEST_CONTENT] : content;
                    decompress(size, content, 0);
                    position = 0;
                    available = size;
                }
            }
        } catch (IOException e) {
            failure = e;
            throw e;
        }
        return position < available ? 0 : -1;
    }

    /** Reads one frame as it is, and answers the size of its content; -1 when there is none any more. */
    private int nextFrame() throws IOException {
        length = 0;
        int first = in.read();
        if (first < 0) {
            if (frames == 0) {
                throw new CorruptFrameException("no zstd frame at all");
            }
            ended = true;
            return -1;
        }
        frame[length++] = (byte) first;
        int size = frameHeader();
        while (!block()) {}
        take(CHECKSUM_BYTES);
        return size;
    }

    /** Reads the header and answers the content's size (RFC 8878, 3.1.1.1). */
    private int frameHeader() throws IOException {
        take(4);
        if (littleEndian(0, 4) != MAGIC) {
            throw broken("does not start like one");
        }
        int descriptor = frame[4];
        boolean singleSegment = (descriptor & 0x20) != 0;
        if ((descriptor & 0x04) == 0) {
            throw broken("has no checksum");
        }
        if ((descriptor & 0x1b) != 0) {
            throw broken("has a bit set that has no meaning, or names a dictionary");
        }
        int sizeBytes = switch ((descriptor >>> 6) & 3) {
            case 0 -> singleSegment ? 1 : 0;
            case 1 -> 2;
            case 2 -> 4;
            default -> Long.BYTES;
        };
        if (sizeBytes == 0) {
            throw broken("does not state the size of its content");
        }
        int start = singleSegment ? 5 : 6;
        take(start - 5 + sizeBytes);
        long size = littleEndian(start, sizeBytes) + (sizeBytes == 2 ? 256 : 0);
        if (size < 0 || size > LARGEST_CONTENT) {
            throw broken("states a content of more than 1 MiB");
        }
        return (int) size;
    }

    /** Reads one block; true when it was the frame's last. */
    private boolean block() throws IOException {
        int start = length;
        take(BLOCK_HEADER_BYTES);
        int header = (int) littleEndian(start, BLOCK_HEADER_BYTES);
        int type = (header >>> 1) & 3;
        int size = header >>> 3;
        if (type == RESERVED || size > LARGEST_BLOCK) {
            throw broken("has a malformed block");
        }
        take(type == RUN_LENGTH ? 1 : size);
        return (header & 1) != 0;
    }

    private void decompress(int size, byte[] target, int offset) throws CorruptFrameException {
        int got;
        try {
            got = context.decompressByteArray(target, offset, size, frame, 0, length);
        } catch (ZstdException e) {
            throw new CorruptFrameException("zstd frame " + frames + " does not decompress: " + e.getMessage(), e);
        }
        if (got != size) {
            throw broken("holds less than it states");
        }
        frames++;
    }

    private void take(int count) throws IOException {
        if (count > frame.length - length) {
            throw broken("is longer than any frame of its content can be");
        }
        int got = in.readNBytes(frame, length, count);
        length += got;
        if (got < count) {
            throw broken("is cut short");
        }
    }

    private long littleEndian(int start, int count) {
        long value = 0;
        for (int i = count - 1; i >= 0; i--) {
            value = (value << 8) | (frame[start + i] & 0xff);
        }
        return value;
    }

    private CorruptFrameException broken(String why) {
        return new CorruptFrameException("zstd frame " + frames + " " + why);
    }
}
