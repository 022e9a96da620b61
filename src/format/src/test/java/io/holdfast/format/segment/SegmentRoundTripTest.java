package io.holdfast.format.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.age.X25519Recipient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class SegmentRoundTripTest {
    private static final SegmentSizes SIZES = new SegmentSizes(SegmentSizes.SMALLEST_MEAN);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 131_072, 1_048_575, 1_048_576, 1_048_577, 10_000_000})
    void whatIsWrittenIsReadAgain(int bytes) throws Exception {
        byte[] plaintext = random(bytes);
        StoredSegments stored = new StoredSegments(plaintext);
        assertThat(stored.read(stored.listFile)).isEqualTo(plaintext);
        assertThat(stored.list.bytes()).isEqualTo(stored.listFile.length);
    }

    @Test
    void dataThatCannotBeCompressedFitsWithManyRecipients() throws Exception {
        SegmentSizes largest = new SegmentSizes(SegmentSizes.LARGEST_MEAN);
        List<X25519Recipient> recipients = Stream.generate(
                        () -> X25519Identity.generate(new SecureRandom()).recipient())
                .limit(500)
                .toList();
        SealedSegment room = new SealedSegment(largest);
        try (SegmentSealer sealer = new SegmentSealer(recipients, 19, new SecureRandom())) {
            sealer.seal(random(largest.most()), largest.most(), room);
        }
        assertThat(room.bytes()).isBetween(largest.most(), SegmentLine.MOST_BYTES);
    }

    @Test
    void artifactsOfOneWriterHaveNothingOfEachOther() throws Exception {
        X25519Identity identity = X25519Identity.generate(new SecureRandom());
        SegmentSecret secret = SegmentSecret.random(new SecureRandom());
        try (SegmentWriter writer =
                new SegmentWriter(secret, List.of(identity.recipient()), 1, 1, 2, new SecureRandom())) {
            for (int bytes : new int[] {17, 3_000_000, 0, 1, 2_000_000}) {
                byte[] plaintext = random(bytes);
                AtomicReference<String> failure = new AtomicReference<>("");
                byte[] found = new byte[bytes];
                Cutter cutter = new Cutter(secret, SIZES);
                List<Integer> ends = new ArrayList<>(List.of(0));
                for (int at = 0; at < bytes; ) {
                    byte[] rest = Arrays.copyOfRange(plaintext, at, bytes);
                    at += cutter.next(rest, rest.length);
                    ends.add(at);
                }
                WrittenArtifact written = writer.write(new ByteArrayInputStream(plaintext), SIZES, new SegmentSink() {
                            @Override
                            public boolean isStored(long position, Fingerprint fingerprint) {
                                return false;
                            }

                            @Override
                            public void store(long position, Fingerprint fingerprint, SealedSegment sealed)
                                    throws IOException {
                                SegmentLine line = new SegmentLine(
                                        "app",
                                        fingerprint,
                                        sealed.bytes(),
                                        sealed.sha256(),
                                        sealed.key(),
                                        new SegmentName("b", 1, (int) position));
                                byte[] room = new byte[SIZES.most()];
                                int length = new SegmentOpener(secret)
                                        .open(sealed.buffer(), sealed.bytes(), line, identity.open(sealed.key()), room);
                                int at = ends.get((int) position);
                                if (length > bytes - at) {
                                    failure.set("segment " + position + " has " + length + " bytes at " + at);
                                } else {
                                    System.arraycopy(room, 0, found, at, length);
                                }
                            }
                        })
                        .await();
                assertThat(failure.get()).isEmpty();
                assertThat(written.plaintextBytes()).isEqualTo(bytes);
                assertThat(found).isEqualTo(plaintext);
            }
        }
    }

    @Test
    void whatIsStoredIsNotSealed() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        WrittenArtifact written = write(new ByteArrayInputStream(random(4_000_000)), SIZES, new SegmentSink() {
            @Override
            public boolean isStored(long position, Fingerprint fingerprint) {
                asked.incrementAndGet();
                return true;
            }

            @Override
            public void store(long position, Fingerprint fingerprint, SealedSegment sealed) {
                throw new AssertionError("it was sealed");
            }
        });
        assertThat(written.plaintextBytes()).isEqualTo(4_000_000);
        assertThat((long) asked.get()).isEqualTo(written.segments());
    }

    @Test
    void sameContentHasSameFingerprintsByTheSameSecretAlone() throws Exception {
        byte[] plaintext = random(3_000_000);
        StoredSegments one = new StoredSegments(plaintext);
        StoredSegments other = new StoredSegments(plaintext);
        assertThat(one.lines.getFirst().fingerprint())
                .isNotEqualTo(other.lines.getFirst().fingerprint());
        Fingerprint again =
                new Fingerprints(one.secret).of(plaintext, new Cutter(one.secret, SIZES).next(plaintext, SIZES.most()));
        assertThat(again).isEqualTo(one.lines.getFirst().fingerprint());
    }

    @Test
    void failureOfTheInputIsThrown() {
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the dump has ended");
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                throw new IOException("the dump has ended");
            }
        };
        assertThatIOException()
                .isThrownBy(() -> write(failing, SIZES, new Refusing()))
                .withMessage("the dump has ended");
    }

    @Test
    void failureOfTheSinkEndsWritingThoughTheInputHangs() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        InputStream hanging = new InputStream() {
            private int given;

            @Override
            public int read() throws IOException {
                return read(new byte[1], 0, 1);
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (given <= SIZES.most()) {
                    given += length;
                    return length;
                }
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new IOException("interrupted");
            }
        };
        assertThatIOException()
                .isThrownBy(() -> write(hanging, SIZES, new Refusing()))
                .withMessage("the store is full");
    }

    @Test
    void interruptionEndsWriting() throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        CountDownLatch sending = new CountDownLatch(1);
        Thread writing = Thread.ofPlatform().start(() -> {
            try {
                write(new ByteArrayInputStream(random(5_000_000)), SIZES, new SegmentSink() {
                    @Override
                    public boolean isStored(long position, Fingerprint fingerprint) {
                        return false;
                    }

                    @Override
                    public void store(long position, Fingerprint fingerprint, SealedSegment sealed)
                            throws InterruptedException {
                        sending.countDown();
                        Thread.sleep(Long.MAX_VALUE);
                    }
                });
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        sending.await();
        writing.interrupt();
        writing.join();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void boundsOfLevelAndWorkersAreChecked() {
        for (int wrong : new int[] {0, 20, 65}) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> new SegmentWriter(
                            SegmentSecret.random(new SecureRandom()),
                            List.of(),
                            wrong == 65 ? 1 : wrong,
                            wrong == 65 ? 65 : 1,
                            4,
                            new SecureRandom()));
        }
    }

    private static final class Refusing implements SegmentSink {
        @Override
        public boolean isStored(long position, Fingerprint fingerprint) {
            return false;
        }

        @Override
        public void store(long position, Fingerprint fingerprint, SealedSegment sealed) throws IOException {
            throw new IOException("the store is full");
        }
    }

    private static WrittenArtifact write(InputStream plaintext, SegmentSizes sizes, SegmentSink sink)
            throws IOException, InterruptedException {
        try (SegmentWriter writer = new SegmentWriter(
                SegmentSecret.random(new SecureRandom()),
                List.of(X25519Identity.generate(new SecureRandom()).recipient()),
                1,
                2,
                4,
                new SecureRandom())) {
            return writer.write(plaintext, sizes, sink).await();
        }
    }

    private static byte[] random(int bytes) {
        byte[] data = new byte[bytes];
        new Random(bytes).nextBytes(data);
        return data;
    }
}
