package io.holdfast.format.segment;

import io.holdfast.format.age.X25519Recipient;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.List;

/**
 * Cuts artifacts into segments, seals those that are not stored yet, and brings them to a sink, all at the same time. Artifacts
 * are read one after the other; the last segments of one may still be under way while the next is read.
 *
 * <p>Memory does not depend on the size of the artifacts. For segments of any sizes it is 4 MiB for each worker and for the
 * thread that reads, 4.2 MiB for each sealed segment that is under way, and a few MiB of native memory for each worker; where
 * the largest sizes are smaller it is less. What is small takes less, too. For one thread, which closes it.
 */
public final class SegmentWriter implements AutoCloseable {
    private final SegmentSecret secret;
    private final SegmentSizes largest;
    private final WritingRoom room;

    /** A writer of segments of any sizes, see the other constructor. */
    public SegmentWriter(
            SegmentSecret secret,
            List<X25519Recipient> recipients,
            int level,
            int workers,
            int inFlight,
            SecureRandom random) {
        this(secret, recipients, new SegmentSizes(SegmentSizes.LARGEST_MEAN), level, workers, inFlight, random);
    }

    /**
     * A writer.
     *
     * @param recipients everybody who is to be able to read, the instance's key version first
     * @param largest the largest sizes that an artifact is cut to: how much memory is taken follows from them
     * @param level zstd's, 1 to 19
     * @param workers how many threads hash, compress and encrypt, 1 to 64
     * @param inFlight how many sealed segments there are at once, most of them on their way to the store; 1 to 256
     * @param random source of all keys
     */
    public SegmentWriter(
            SegmentSecret secret,
            List<X25519Recipient> recipients,
            SegmentSizes largest,
            int level,
            int workers,
            int inFlight,
            SecureRandom random) {
        require(!recipients.isEmpty(), "a segment needs a recipient");
        require(level >= 1 && level <= 19, "the compression level must be 1 to 19");
        require(workers >= 1 && workers <= 64, "the number of compressing threads must be 1 to 64");
        require(inFlight >= 1 && inFlight <= 256, "the number of segments in flight must be 1 to 256");
        this.secret = secret;
        this.largest = largest;
        this.room = new WritingRoom(secret, List.copyOf(recipients), largest, level, workers, inFlight, random);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /**
     * Writes one artifact. An empty one has one empty segment. Returns when all of it was read; its last segments may be under
     * way.
     *
     * <p>When the input or a sink fails, also that of an artifact that was written before, or the calling thread is interrupted,
     * this throws without delay. The input is never closed here: a read that cannot be interrupted ends when its owner ends the
     * input.
     *
     * @throws IOException from the input or a sink, as they threw it
     */
    public WritingArtifact write(InputStream plaintext, SegmentSizes sizes, SegmentSink sink)
            throws IOException, InterruptedException {
        require(sizes.mean() <= largest.mean(), "the segments would be larger than the writer has room for");
        WritingArtifact artifact = new WritingArtifact(room, sink);
        artifact.read(plaintext, new Cutter(secret, sizes));
        return artifact;
    }

    /**
     * Stops what is under way and frees the native memory. Waits for the threads that work, but not for one that reads: a read
     * that cannot be interrupted ends when the owner of the stream ends it.
     */
    @Override
    public void close() {
        room.close();
    }
}
