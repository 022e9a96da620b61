package io.holdfast.format.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.holdfast.format.age.X25519Identity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SegmentWriterTest {
    private static final SegmentSizes SIZES = new SegmentSizes(SegmentSizes.SMALLEST_MEAN);
    private static final int IN_FLIGHT = 4;

    private static SegmentWriter writer() {
        X25519Identity identity = X25519Identity.generate(new SecureRandom());
        return new SegmentWriter(
                SegmentSecret.random(new SecureRandom()),
                List.of(identity.recipient()),
                1,
                2,
                IN_FLIGHT,
                new SecureRandom());
    }

    private interface Storing {
        void store() throws IOException, InterruptedException;
    }

    private static SegmentSink sink(Storing storing) {
        return new SegmentSink() {
            @Override
            public boolean isStored(long position, Fingerprint fingerprint) {
                return false;
            }

            @Override
            public void store(long position, Fingerprint fingerprint, SealedSegment sealed)
                    throws IOException, InterruptedException {
                storing.store();
            }
        };
    }

    /** Tells that it is read, and has nothing until it is closed. */
    private static final class Hanging extends InputStream {
        private final CountDownLatch read = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public int read() {
            return read(new byte[1], 0, 1);
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            read.countDown();
            while (true) {
                try {
                    closed.await();
                    return -1;
                } catch (InterruptedException e) {
                    // As a pipe whose other end says nothing.
                }
            }
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    @Test
    void segmentOfAnEarlierArtifactThatFailsEndsTheWritingOfOneWhoseInputHangs() throws Exception {
        try (Hanging input = new Hanging();
                SegmentWriter writer = writer()) {
            WritingArtifact first = writer.write(new ByteArrayInputStream(new byte[10]), SIZES, sink(() -> {
                input.read.await();
                throw new IOException("refused");
            }));
            assertThatIOException()
                    .isThrownBy(() -> writer.write(input, SIZES, sink(() -> {})))
                    .withMessage("refused");
            assertThat(first.isOver()).isTrue();
            assertThatIOException().isThrownBy(first::await).withMessage("refused");
            assertThatIOException()
                    .isThrownBy(() -> writer.write(new ByteArrayInputStream(new byte[10]), SIZES, sink(() -> {})))
                    .withMessage("refused");
        }
    }

    @Test
    void segmentThatFailsEndsTheWaitingForAnEarlierArtifact() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (SegmentWriter writer = writer()) {
            WritingArtifact stuck = writer.write(new ByteArrayInputStream(new byte[10]), SIZES, sink(never::await));
            CountDownLatch waited = new CountDownLatch(1);
            writer.write(new ByteArrayInputStream(new byte[10]), SIZES, sink(() -> {
                waited.await();
                throw new IOException("refused");
            }));
            waited.countDown();
            assertThatIOException().isThrownBy(stuck::await).withMessage("refused");
        }
    }

    @Test
    void artifactThatEndsAtACutHasNoEmptySegmentBehindIt() throws Exception {
        int most = SIZES.most();
        try (SegmentWriter writer = writer()) {
            WrittenArtifact written = writer.write(new ByteArrayInputStream(new byte[most]), SIZES, sink(() -> {}))
                    .await();
            assertThat(written.plaintextBytes()).isEqualTo(most);
            // Equal bytes are cut nowhere, or wherever they can be.
            assertThat(written.segments()).isIn(1L, (long) most / SIZES.least());
        }
    }

    @Test
    void smallArtifactsAreOnTheirWayAtTheSameTime() throws Exception {
        CountDownLatch all = new CountDownLatch(IN_FLIGHT);
        List<WritingArtifact> written = new ArrayList<>();
        try (SegmentWriter writer = writer()) {
            for (int i = 0; i < IN_FLIGHT; i++) {
                written.add(writer.write(new ByteArrayInputStream(new byte[10]), SIZES, sink(() -> {
                    all.countDown();
                    // Whoever sends one after the other never comes further.
                    all.await();
                })));
            }
            for (WritingArtifact artifact : written) {
                assertThat(artifact.await()).isEqualTo(new WrittenArtifact(10, 1));
                assertThat(artifact.isOver()).isTrue();
            }
        }
    }
}
