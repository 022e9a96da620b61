package io.holdfast.format.artifact;

import io.holdfast.format.age.X25519Recipient;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compresses and encrypts a stream into segments.
 *
 * <p>Memory does not depend on the size of the stream: {@code (workers + 3) × 2 MiB} of heap plus some 200 KiB, so 10
 * MiB with two workers, and a few MiB of native memory per worker, freed when {@code write} is done. The writer
 * itself holds no state and may be used by several threads at once, each use with threads and memory of its own.
 */
public final class ArtifactWriter {
    private final List<X25519Recipient> recipients;
    private final Settings settings;
    private final SecureRandom random;

    /**
     * A writer for these recipients.
     *
     * @param recipients everybody who is to be able to read, at least one
     * @param random source of all keys
     */
    public ArtifactWriter(List<X25519Recipient> recipients, Settings settings, SecureRandom random) {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("an artifact needs a recipient");
        }
        this.recipients = List.copyOf(recipients);
        this.settings = settings;
        this.random = random;
    }

    /**
     * Writes one artifact. The calling thread encrypts and feeds the sink; one more reads, others compress. An empty
     * stream makes one segment.
     *
     * <p>When the input fails, the sink fails or the calling thread is interrupted, this throws without delay. The
     * sink's stream stays unclosed then, so that nobody takes the segment for a whole one. The input is never closed
     * here: if the reading thread hangs in a read that cannot be interrupted, it ends when the input's owner ends the
     * input, for example by killing the process behind it.
     *
     * @throws IOException from the input or the sink, as they threw it
     */
    public ArtifactSummary write(InputStream plaintext, SegmentSink sink) throws IOException, InterruptedException {
        try (CompressionLine line = new CompressionLine(plaintext, settings)) {
            List<SegmentSummary> finished = new ArrayList<>();
            long plaintextBytes = 0;
            @Nullable SegmentWriter segment = null;
            for (Frame frame = line.next(); frame != null; frame = line.next()) {
                if (segment != null && !segment.hasRoomFor(frame.bytes())) {
                    finished.add(segment.finish());
                    segment = null;
                }
                if (segment == null) {
                    segment =
                            new SegmentWriter(sink.open(finished.size()), recipients, settings.segmentBytes(), random);
                }
                segment.write(frame.buffer(), frame.bytes());
                plaintextBytes += frame.plainBytes();
                line.giveBack(frame);
            }
            if (segment != null) {
                finished.add(segment.finish());
            }
            return new ArtifactSummary(plaintextBytes, finished);
        }
    }
}
