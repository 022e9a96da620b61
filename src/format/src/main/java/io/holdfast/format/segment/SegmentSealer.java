package io.holdfast.format.segment;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.zstd.FrameCompressor;
import io.holdfast.format.zstd.FrameReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.List;

/**
 * Makes a segment's object of its plaintext: zstd frames of at most 1 MiB each, in one age file with a key of its own. Takes
 * some MiB of native memory until it is closed. Not safe for several threads; each takes its own.
 */
public final class SegmentSealer implements AutoCloseable {
    private final List<X25519Recipient> recipients;
    private final SecureRandom random;
    private final FrameCompressor compressor;
    private final byte[] frame = new byte[FrameCompressor.largestFrameBytes()];

    /**
     * A sealer.
     *
     * @param recipients everybody who is to be able to read, the instance's key version first
     * @param level zstd's, 1 to 19
     * @param random source of all keys
     */
    public SegmentSealer(List<X25519Recipient> recipients, int level, SecureRandom random) {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("a segment needs a recipient");
        }
        this.recipients = List.copyOf(recipients);
        this.random = random;
        this.compressor = new FrameCompressor(level);
    }

    /**
     * Seals one segment.
     *
     * @param plaintext from their beginning, its bytes
     * @param length how many they are, at most {@link SegmentSizes#LARGEST_SEGMENT}; 0 makes a segment of one empty frame
     * @param target where the object goes
     */
    public void seal(byte[] plaintext, int length, SealedSegment target) {
        if (length > SegmentSizes.LARGEST_SEGMENT) {
            throw new IllegalArgumentException("a segment holds at most " + SegmentSizes.LARGEST_SEGMENT + " bytes");
        }
        try {
            Age.Encryption encryption = Age.begin(target.begin(), recipients, random);
            try (OutputStream payload = encryption.payload()) {
                int from = 0;
                do {
                    int size = Math.min(FrameReader.LARGEST_CONTENT, length - from);
                    payload.write(frame, 0, compressor.compress(plaintext, from, size, frame));
                    from += size;
                } while (from < length);
            }
            target.end(encryption.forFirst());
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
    }

    @Override
    public void close() {
        compressor.close();
    }
}
