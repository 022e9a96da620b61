package io.holdfast.format.zstd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdCompressCtx;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameReaderTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256, 65791, 65792, 131072, 1048576})
    void framesOfAllSizesReadBack(int size) throws IOException {
        byte[] noise = new byte[size];
        new Random(size).nextBytes(noise);
        byte[] zeros = new byte[size];
        for (int level = 1; level <= 3; level++) {
            assertThat(read(join(frame(noise, level), frame(zeros, level)))).isEqualTo(join(noise, zeros));
        }
    }

    @Test
    void emptyFramesBetweenOthersAreFine() throws IOException {
        byte[] empty = frame(new byte[0], 3);
        byte[] full = frame(new byte[] {1, 2, 3}, 3);
        assertThat(read(join(empty, empty, full, empty))).containsExactly(1, 2, 3);
    }

    @Test
    void inputWithoutFrameIsRefused() {
        assertRefused(new byte[0], "no zstd frame at all");
    }

    @Test
    void frameCutAnywhereIsRefused() {
        byte[] frame = frame(noise(300), 3);
        for (int length = 1; length < frame.length; length++) {
            assertRefused(Arrays.copyOf(frame, length), "is cut short");
            assertRefused(join(frame, Arrays.copyOf(frame, length)), "zstd frame 1 is cut short");
        }
    }

    @Test
    void flippedBitAnywhereIsRefused() {
        byte[] frame = frame(noise(300), 3);
        for (int i = 0; i < frame.length; i++) {
            byte[] flipped = frame.clone();
            flipped[i] ^= (byte) (1 << (i % 8));
            assertRefused(flipped, "zstd frame");
        }
    }

    @Test
    void dataAfterTheLastFrameIsRefused() {
        assertRefused(join(frame(noise(10), 3), new byte[1]), "zstd frame 1");
        assertRefused(join(frame(noise(10), 3), new byte[100]), "zstd frame 1 does not start like one");
    }

    @Test
    void framesOfOtherKindsAreRefused() {
        byte[] content = noise(1000);
        byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0};
        assertRefused(skippable, "does not start like one");
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            assertRefused(context.setChecksum(false).setContentSize(true).compress(content), "has no checksum");
            assertRefused(context.setChecksum(true).setContentSize(false).compress(content), "does not state the size");
            assertRefused(
                    context.setContentSize(true).compress(noise(FrameReader.LARGEST_CONTENT + 1)), "more than 1 MiB");
        }
    }

    @Test
    void frameThatStatesAnotherSizeIsRefused() {
        byte[] frame = frame(new byte[100_000], 3);
        int sizeAt = 5;
        for (int change : new int[] {1, -1}) {
            byte[] changed = frame.clone();
            changed[sizeAt] += (byte) change;
            assertRefused(changed, "zstd frame 0");
        }
    }

    @Test
    void readAfterTheFailureFailsAgain() throws IOException {
        try (FrameReader in = new FrameReader(new ByteArrayInputStream(join(frame(noise(5), 3), new byte[9])))) {
            assertThat(in.readNBytes(5)).isEqualTo(noise(5));
            assertThatThrownBy(in::read).isInstanceOf(CorruptFrameException.class);
            assertThatThrownBy(in::read).isInstanceOf(CorruptFrameException.class);
        }
    }

    @Test
    void closedReaderRefusesToRead() throws IOException {
        FrameReader in = new FrameReader(new ByteArrayInputStream(frame(noise(5), 3)));
        in.close();
        in.close();
        assertThatThrownBy(in::read).hasMessage("the stream is closed");
    }

    private static byte[] noise(int size) {
        byte[] noise = new byte[size];
        new Random(size).nextBytes(noise);
        return noise;
    }

    private static byte[] frame(byte[] content, int level) {
        byte[] frame = new byte[FrameCompressor.largestFrameBytes()];
        try (FrameCompressor compressor = new FrameCompressor(level)) {
            return Arrays.copyOf(frame, compressor.compress(content, content.length, frame));
        }
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    private static byte[] read(byte[] frames) throws IOException {
        try (InputStream in = new FrameReader(new ByteArrayInputStream(frames))) {
            return in.readAllBytes();
        }
    }

    private static void assertRefused(byte[] frames, String message) {
        assertThatThrownBy(() -> read(frames))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining(message);
    }
}
