package io.holdfast.format.segment;

import io.holdfast.format.age.X25519Recipient;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * Cuts an artifact into segments, seals those that are not stored yet, and brings them to a sink, all at the same time.
 *
 * <p>Memory does not depend on the size of the artifact, and that of a small one is smaller: for each worker, and for the
 * thread that reads, a segment of plaintext; and {@code workers + 2} sealed ones, since sending takes longer than sealing: 12
 * and 17 MiB at most with two workers, and a few MiB of native memory for each worker. Holds no state; may be used by several
 * threads at once, each use with threads and memory of its own.
 */
public final class SegmentWriter {
    private final SegmentSecret secret;
    private final List<X25519Recipient> recipients;
    private final int level;
    private final int workers;
    private final SecureRandom random;

    /**
     * A writer.
     *
     * @param recipients everybody who is to be able to read, the instance's key version first
     * @param level zstd's, 1 to 19
     * @param workers how many threads hash, compress and encrypt, 1 to 64
     * @param random source of all keys
     */
    public SegmentWriter(
            SegmentSecret secret, List<X25519Recipient> recipients, int level, int workers, SecureRandom random) {
        if (level < 1 || level > 19) {
            throw new IllegalArgumentException("the compression level must be 1 to 19");
        }
        if (workers < 1 || workers > 64) {
            throw new IllegalArgumentException("the number of compressing threads must be 1 to 64");
        }
        this.secret = secret;
        this.recipients = List.copyOf(recipients);
        this.level = level;
        this.workers = workers;
        this.random = random;
    }

    /**
     * Writes one artifact. An empty one has one empty segment.
     *
     * <p>When the input or the sink fails, or the calling thread is interrupted, this throws without delay. The input is never
     * closed here: a read that cannot be interrupted ends when its owner ends the input.
     *
     * @throws IOException from the input or the sink, as they threw it
     */
    public WrittenArtifact write(InputStream plaintext, SegmentSizes sizes, SegmentSink sink)
            throws IOException, InterruptedException {
        try (WritingLine line = new WritingLine(
                plaintext,
                new Cutter(secret, sizes),
                workers,
                () -> new Fingerprints(secret),
                () -> new SegmentSealer(recipients, level, random),
                sink)) {
            return line.await();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case InterruptedException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
