package io.holdfast.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.ZstdInputStream;
import io.holdfast.format.zstd.CorruptFrameException;
import io.holdfast.format.zstd.FrameCompressor;
import io.holdfast.format.zstd.FrameReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Rows of frames: what is read of them is what zstd itself reads, and can be compressed again. */
final class ZstdFrames implements Target {
    /** The reader's two buffers, what was read, and what zstd reads of it. */
    private static final int LARGE = 24 * 1024 * 1024;

    private static final int FOR_EACH_BYTE = 64;
    private static final int MOST_FRAMES = 4;

    @Override
    public List<byte[]> seeds() {
        byte[] noise = new byte[700];
        new Random(7).nextBytes(noise);
        byte[] text = "insert into shop values (1, 'a'), (2, 'b');\n".repeat(60).getBytes(UTF_8);
        byte[] zeros = new byte[FrameReader.LARGEST_CONTENT];
        List<byte[]> seeds = new ArrayList<>();
        for (List<byte[]> blocks : List.of(
                List.of(noise), List.of(text), List.of(zeros), List.of(text, noise, text), List.of(new byte[1]))) {
            ByteArrayOutputStream frames = new ByteArrayOutputStream();
            blocks.forEach(block -> frames.writeBytes(compressed(block)));
            seeds.add(frames.toByteArray());
        }
        return seeds;
    }

    @Override
    public boolean read(byte[] input) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        long most = (long) MOST_FRAMES * FrameReader.LARGEST_CONTENT;
        try (FrameReader reader = new FrameReader(new ByteArrayInputStream(input))) {
            for (int read = reader.read(buffer); read >= 0 && content.size() < most; read = reader.read(buffer)) {
                content.write(buffer, 0, read);
            }
        } catch (CorruptFrameException e) {
            return false;
        }
        byte[] found = content.toByteArray();
        if (!Arrays.equals(found, asZstdReads(input, found.length))) {
            throw new AssertionError("zstd reads something else");
        }
        if (found.length > 0 && found.length <= FrameReader.LARGEST_CONTENT) {
            try (FrameReader reader = new FrameReader(new ByteArrayInputStream(compressed(found)))) {
                if (!Arrays.equals(reader.readAllBytes(), found)) {
                    throw new AssertionError("compressed again it is something else");
                }
            }
        }
        return true;
    }

    private static byte[] asZstdReads(byte[] input, int length) throws IOException {
        try (ZstdInputStream reader = new ZstdInputStream(new ByteArrayInputStream(input))) {
            return reader.readNBytes(length);
        }
    }

    private static byte[] compressed(byte[] block) {
        byte[] frame = new byte[FrameCompressor.largestFrameBytes()];
        try (FrameCompressor compressor = new FrameCompressor(3)) {
            return Arrays.copyOf(frame, compressor.compress(block, block.length, frame));
        }
    }

    @Override
    public long mostBytes(int length) {
        return LARGE + (long) FOR_EACH_BYTE * length;
    }
}
