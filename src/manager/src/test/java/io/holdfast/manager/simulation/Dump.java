package io.holdfast.manager.simulation;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.zstd.FrameCompressor;
import io.holdfast.protocol.BackupResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** What an attempt dumped: real segments, but small, and in parts of a few hundred bytes. */
record Dump(List<Artifact> artifacts) {
    private static final byte[] FRAME = new byte[FrameCompressor.largestFrameBytes()];
    private static final FrameCompressor COMPRESSOR = new FrameCompressor(1);

    /**
     * One stream of the dump.
     *
     * @param plaintext what a restore has to give again
     */
    record Artifact(String name, ByteBuffer plaintext, List<Segment> segments) {}

    /**
     * A segment's ciphertext.
     *
     * @param parts what is sent, in order
     */
    record Segment(ByteBuffer bytes, List<byte[]> parts) {}

    static Dump draw(Chance chance, List<String> recipients) {
        List<X25519Recipient> to = recipients.stream().map(Dump::recipient).toList();
        List<Artifact> artifacts = new ArrayList<>();
        for (String name : chance.perMille(300) ? List.of("globals", "app") : List.of("app")) {
            ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
            List<Segment> segments = new ArrayList<>();
            for (int left = chance.between(1, 2); left > 0; left--) {
                byte[] content = chance.bytes(chance.between(50, 900));
                plaintext.writeBytes(content);
                segments.add(segment(chance, encrypted(chance, content, to)));
            }
            artifacts.add(new Artifact(name, ByteBuffer.wrap(plaintext.toByteArray()), segments));
        }
        return new Dump(artifacts);
    }

    private static X25519Recipient recipient(String text) {
        try {
            return X25519Recipient.parse(text);
        } catch (AgeException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] encrypted(Chance chance, byte[] content, List<X25519Recipient> to) {
        ByteArrayOutputStream encrypted = new ByteArrayOutputStream();
        try (OutputStream out = Age.encrypt(encrypted, to, chance.secure())) {
            synchronized (FRAME) {
                out.write(FRAME, 0, COMPRESSOR.compress(content, content.length, FRAME));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return encrypted.toByteArray();
    }

    private static Segment segment(Chance chance, byte[] bytes) {
        int size = bytes.length / chance.between(1, 4) + 1;
        List<byte[]> parts = new ArrayList<>();
        for (int from = 0; from < bytes.length; from += size) {
            parts.add(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size)));
        }
        return new Segment(ByteBuffer.wrap(bytes), parts);
    }

    /** What the agent says of it. */
    BackupResult result(int epoch) {
        return new BackupResult(
                epoch,
                "18",
                artifacts.stream()
                        .map(each -> new BackupResult.Artifact(
                                each.name(),
                                "database",
                                each.name(),
                                each.plaintext().capacity(),
                                each.segments().stream()
                                        .map(segment -> new BackupResult.Segment(
                                                segment.bytes().capacity(),
                                                HexFormat.of()
                                                        .formatHex(digest(
                                                                "SHA-256",
                                                                segment.bytes().array())),
                                                segment.parts().size()))
                                        .toList()))
                        .toList(),
                Map.of(),
                List.of());
    }

    static String md5(byte[] part) {
        return Base64.getEncoder().encodeToString(digest("MD5", part));
    }

    private static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
