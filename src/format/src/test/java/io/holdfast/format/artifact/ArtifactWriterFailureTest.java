package io.holdfast.format.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.X25519Identity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.SequenceInputStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ArtifactWriterFailureTest {
    private final SecureRandom random = new SecureRandom();
    private final ArtifactWriter writer = new ArtifactWriter(
            List.of(X25519Identity.generate(random).recipient()), new Settings(1, 2, 2 * 1024 * 1024), random);
    private final AtomicBoolean closed = new AtomicBoolean();

    @AfterEach
    void noThreadIsLeft() {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (threads() > 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(threads()).isZero();
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("holdfast-"))
                .count();
    }

    @Test
    void failingSinkEndsTheWriting() {
        AtomicLong written = new AtomicLong();
        SegmentSink sink = segment -> new Sink() {
            @Override
            public void write(byte[] data, int offset, int length) throws IOException {
                if (written.addAndGet(length) > 5_000_000) {
                    throw new IOException("no space left");
                }
            }
        };
        assertThatThrownBy(() -> writer.write(new SqlLikeData(1), sink)).hasMessage("no space left");
    }

    @Test
    void sinkThatDoesNotOpenEndsTheWriting() {
        assertThatThrownBy(() -> writer.write(new SqlLikeData(1), segment -> {
                    throw new IOException("no such place");
                }))
                .hasMessage("no such place");
    }

    @Test
    void sinkThatFailsOnCloseEndsTheWriting() {
        assertThatThrownBy(() -> writer.write(new SqlLikeData(1), segment -> new Sink() {
                    @Override
                    public void close() throws IOException {
                        throw new IOException("not stored");
                    }
                }))
                .hasMessage("not stored");
    }

    @Test
    void failingInputEndsTheWritingAndLeavesTheSegmentUnclosed() {
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("broken pipe");
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                throw new IOException("broken pipe");
            }
        };
        InputStream beginning = new ByteArrayInputStream(new byte[1_500_000]);
        assertThatThrownBy(() -> writer.write(new SequenceInputStream(beginning, failing), segment -> new Sink()))
                .hasMessage("broken pipe");
        assertThat(closed).isFalse();
    }

    @Test
    void inputThatThrowsAnUncheckedExceptionEndsTheWriting() {
        InputStream failing = new InputStream() {
            @Override
            public int read() {
                throw new IllegalStateException("bug");
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                throw new IllegalStateException("bug");
            }
        };
        assertThatThrownBy(() -> writer.write(failing, segment -> new Sink()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("bug");
    }

    @Test
    void interruptEndsTheWritingWhileTheInputIsSilent() throws Exception {
        CountDownLatch opened = new CountDownLatch(1);
        try (PipedOutputStream feeder = new PipedOutputStream();
                PipedInputStream silent = new PipedInputStream(feeder, 3 << 20)) {
            feeder.write(new byte[2 << 20]);
            CompletableFuture<ArtifactSummary> result = new CompletableFuture<>();
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    result.complete(writer.write(silent, segment -> {
                        opened.countDown();
                        return new Sink();
                    }));
                } catch (IOException | InterruptedException e) {
                    result.completeExceptionally(e);
                }
            });
            assertThat(opened.await(10, TimeUnit.SECONDS)).isTrue();
            thread.interrupt();
            assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
        }
        assertThat(closed).isFalse();
    }

    @Test
    void slowSinkHoldsTheInputBack() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        AtomicLong read = new AtomicLong();
        InputStream counted = new InputStream() {
            private final SqlLikeData data = new SqlLikeData(1);
            private long left = 40_000_000;

            @Override
            public int read() {
                throw new AssertionError("reads in blocks");
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                if (left == 0) {
                    return -1;
                }
                int count = data.read(target, offset, (int) Math.min(length, left));
                left -= count;
                read.addAndGet(count);
                return count;
            }
        };
        CompletableFuture<ArtifactSummary> result = CompletableFuture.supplyAsync(() -> {
            try {
                return writer.write(counted, segment -> new Sink() {
                    @Override
                    public void write(byte[] data, int offset, int length) throws IOException {
                        try {
                            release.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                    }
                });
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        long bound = 5L << 20;
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (read.get() < bound && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(read.get()).isEqualTo(bound);
        release.countDown();
        assertThat(result.get(20, TimeUnit.SECONDS).plaintextBytes()).isEqualTo(40_000_000);
    }

    /** Takes everything and notes that it was closed. */
    private class Sink extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] data, int offset, int length) throws IOException {}

        @Override
        public void close() throws IOException {
            closed.set(true);
        }
    }
}
