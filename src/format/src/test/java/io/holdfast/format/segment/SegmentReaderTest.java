package io.holdfast.format.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.holdfast.format.age.FileKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SegmentReaderTest {
    private static final SegmentSizes SIZES = new SegmentSizes(SegmentSizes.SMALLEST_MEAN);

    private final byte[] plaintext = new byte[6_000_000];
    private final StoredSegments stored;

    SegmentReaderTest() throws Exception {
        new Random(11).nextBytes(plaintext);
        stored = new StoredSegments(plaintext);
    }

    @Test
    void severalSegmentsAreReadAtOnceAndGivenOutInOrder() throws Exception {
        CountDownLatch three = new CountDownLatch(3);
        SegmentSource slow = new Objects() {
            @Override
            public int read(SegmentLine line, byte[] target) throws IOException, InterruptedException {
                three.countDown();
                // Whoever reads one after the other never comes further.
                three.await();
                return super.read(line, target);
            }
        };
        try (SegmentReader reader = reader(slow, 3)) {
            assertThat(reader.readAllBytes()).isEqualTo(plaintext);
        }
    }

    @Test
    void noMoreAreUnderWayThanTheWindow() throws Exception {
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        SegmentSource counting = new Objects() {
            @Override
            public int read(SegmentLine line, byte[] target) throws IOException, InterruptedException {
                most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                try {
                    return super.read(line, target);
                } finally {
                    underWay.decrementAndGet();
                }
            }
        };
        try (SegmentReader reader = reader(counting, 2)) {
            assertThat(reader.readAllBytes()).isEqualTo(plaintext);
        }
        assertThat(most.get()).isBetween(1, 2);
    }

    @Test
    void nothingOfDamagedSegmentIsGivenOut() throws Exception {
        String path = stored.lines.get(2).name().path();
        byte[] object = stored.objects.getOrDefault(path, new byte[0]).clone();
        object[object.length - 1] ^= 1;
        stored.objects.put(path, object);
        byte[] found = new byte[plaintext.length];
        try (SegmentReader reader = reader(new Objects(), 4)) {
            assertThatExceptionOfType(CorruptSegmentException.class)
                    .isThrownBy(() -> reader.readNBytes(found, 0, found.length))
                    .withMessageContaining("segment 2: its SHA-256");
            assertThatExceptionOfType(CorruptSegmentException.class).isThrownBy(reader::read);
        }
        int whole = lengthOf(0) + lengthOf(1);
        assertThat(Arrays.copyOf(found, whole)).isEqualTo(Arrays.copyOf(plaintext, whole));
        assertThat(Arrays.copyOfRange(found, whole, found.length)).containsOnly(0);
    }

    @Test
    void longerObjectIsRefused() {
        String path = stored.lines.getFirst().name().path();
        byte[] object = stored.objects.getOrDefault(path, new byte[0]);
        stored.objects.put(path, Arrays.copyOf(object, object.length + 1));
        try (SegmentReader reader = reader(new Objects(), 4)) {
            assertThatExceptionOfType(CorruptSegmentException.class)
                    .isThrownBy(reader::read)
                    .withMessageContaining("and should have");
        }
    }

    @Test
    void failureOfTheSourceIsThrownAsItIs() {
        SegmentSource failing = new Objects() {
            @Override
            public int read(SegmentLine line, byte[] target) throws IOException {
                throw new IOException("the store is away");
            }
        };
        try (SegmentReader reader = reader(failing, 4)) {
            assertThatIOException().isThrownBy(reader::read).withMessage("the store is away");
        }
    }

    @Test
    void nothingIsReadAfterUnexpectedFailuresOfTheSource() {
        SegmentSource failing = new Objects() {
            @Override
            public int read(SegmentLine line, byte[] target) throws IOException, InterruptedException {
                if (line.equals(stored.lines.get(1))) {
                    throw new IllegalStateException("unexpected");
                }
                return super.read(line, target);
            }
        };
        try (SegmentReader reader = reader(failing, 4)) {
            byte[] target = new byte[plaintext.length];
            assertThatIllegalStateException().isThrownBy(() -> reader.readNBytes(target, 0, target.length));
            assertThatIOException().isThrownBy(() -> reader.read(target)).withMessageContaining("failed before");
        }
    }

    @Test
    void nothingIsReadAfterLinesThatCouldNotBeHad() {
        Iterator<SegmentLine> all = stored.lines.iterator();
        AtomicInteger asked = new AtomicInteger();
        Iterator<SegmentLine> failingOnce = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return all.hasNext();
            }

            @Override
            public SegmentLine next() {
                if (asked.incrementAndGet() == 4) {
                    throw new UncheckedIOException(new IOException("the manager is away"));
                }
                return all.next();
            }
        };
        try (SegmentReader reader = new SegmentReader(failingOnce, new Objects(), SIZES, stored.secret, 2)) {
            byte[] target = new byte[plaintext.length];
            assertThatExceptionOfType(UncheckedIOException.class)
                    .isThrownBy(() -> reader.readNBytes(target, 0, target.length));
            assertThatIOException().isThrownBy(() -> reader.read(target)).withMessageContaining("failed before");
        }
    }

    @Test
    void closedStreamReadsNothing() {
        SegmentReader reader = reader(new Objects(), 4);
        reader.close();
        assertThatIOException().isThrownBy(reader::read).withMessage("the stream is closed");
    }

    private SegmentReader reader(SegmentSource source, int window) {
        return new SegmentReader(stored.lines.iterator(), source, SIZES, stored.secret, window);
    }

    private int lengthOf(int line) throws IOException {
        SegmentLine of = stored.lines.get(line);
        byte[] object = stored.objects.getOrDefault(of.name().path(), new byte[0]);
        return new SegmentOpener(stored.secret)
                .open(object, object.length, of, stored.identity.open(of.key()), new byte[SIZES.most()]);
    }

    /** Objects as they are in the store. */
    private class Objects implements SegmentSource {
        @Override
        public FileKey key(SegmentLine line) throws IOException {
            return stored.identity.open(line.key());
        }

        @Override
        public int read(SegmentLine line, byte[] target) throws IOException, InterruptedException {
            byte[] object = stored.objects.getOrDefault(line.name().path(), new byte[0]);
            int length = Math.min(object.length, target.length);
            System.arraycopy(object, 0, target, 0, length);
            return length;
        }
    }
}
