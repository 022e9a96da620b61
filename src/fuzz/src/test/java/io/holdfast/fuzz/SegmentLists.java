package io.holdfast.fuzz;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.segment.CorruptListException;
import io.holdfast.format.segment.Fingerprints;
import io.holdfast.format.segment.SealedSegment;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentListReader;
import io.holdfast.format.segment.SegmentListWriter;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.segment.SegmentSealer;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.format.segment.SegmentSizes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Lists of one segment, whose hash is right: what is read is written again, and read again as the same. */
final class SegmentLists implements Target {
    private static final byte[] END = "end 1\n".getBytes(US_ASCII);
    private static final int LARGE = 4 * 1024 * 1024;
    private static final int FOR_EACH_BYTE = 600;

    @Override
    public List<byte[]> seeds() throws IOException {
        X25519Identity identity = X25519Identity.generate(new SecureRandom());
        SegmentSecret secret = SegmentSecret.random(new SecureRandom());
        byte[] plaintext = "insert into shop values (1, 'a');\n".getBytes(UTF_8);
        SealedSegment sealed = new SealedSegment(new SegmentSizes(SegmentSizes.SMALLEST_MEAN));
        try (SegmentSealer sealer = new SegmentSealer(List.of(identity.recipient()), 3, new SecureRandom())) {
            sealer.seal(plaintext, plaintext.length, sealed);
        }
        List<byte[]> seeds = new ArrayList<>();
        for (SegmentName name : List.of(
                new SegmentName("b", 1, 0),
                new SegmentName("20261201T120000Z-0000002a", SegmentName.MOST_ATTEMPTS, SegmentName.HIGHEST))) {
            SegmentLine line = new SegmentLine(
                    "db-0001",
                    new Fingerprints(secret).of(plaintext, plaintext.length),
                    sealed.bytes(),
                    sealed.sha256(),
                    sealed.key(),
                    name);
            byte[] list = written(line);
            seeds.add(Arrays.copyOf(list, list.length - END.length));
        }
        return seeds;
    }

    @Override
    public boolean read(byte[] input) throws IOException {
        try {
            SegmentLine line = line(input);
            byte[] again = written(line);
            if (!line(Arrays.copyOf(again, again.length - END.length)).equals(line)) {
                throw new AssertionError("written again it is another line: " + line);
            }
            return true;
        } catch (CorruptListException | IllegalArgumentException e) {
            return false;
        }
    }

    private static SegmentLine line(byte[] line) throws IOException {
        byte[] file = Arrays.copyOf(line, line.length + END.length);
        System.arraycopy(END, 0, file, line.length, END.length);
        SegmentListReader reader = new SegmentListReader(
                new ByteArrayInputStream(file), new SegmentList(1, line.length, file.length, sha256(file)));
        SegmentLine found = reader.next();
        if (found == null || reader.next() != null) {
            throw new AssertionError("a list of one line has another number of lines");
        }
        return found;
    }

    private static byte[] written(SegmentLine line) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (SegmentListWriter writer = new SegmentListWriter(
                file, line.artifact().length(), line.name().path().length())) {
            writer.write(line);
            writer.end();
        }
        return file.toByteArray();
    }

    private static String sha256(byte[] file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public long mostBytes(int length) {
        return LARGE + (long) FOR_EACH_BYTE * length;
    }
}
