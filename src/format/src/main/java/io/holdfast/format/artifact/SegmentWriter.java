package io.holdfast.format.artifact;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.X25519Recipient;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/** Encrypts one segment into the sink's stream, which it counts and hashes on the way. */
final class SegmentWriter {
    private final int recipients;
    private final long limit;
    private final Ciphertext ciphertext;
    private final OutputStream age;
    private long plainBytes;

    SegmentWriter(OutputStream out, List<X25519Recipient> recipients, long limit, SecureRandom random)
            throws IOException {
        this.recipients = recipients.size();
        this.limit = limit;
        this.ciphertext = new Ciphertext(out);
        this.age = Age.encrypt(ciphertext, recipients, random);
    }

    boolean hasRoomFor(int frameBytes) {
        return plainBytes == 0 || Age.encryptedBytes(recipients, plainBytes + frameBytes) <= limit;
    }

    void write(byte[] frame, int length) throws IOException {
        age.write(frame, 0, length);
        plainBytes += length;
    }

    SegmentSummary finish() throws IOException {
        age.close();
        return new SegmentSummary(ciphertext.bytes, HexFormat.of().formatHex(ciphertext.sha256.digest()));
    }

    private static final class Ciphertext extends OutputStream {
        private final OutputStream out;
        private final MessageDigest sha256;
        private long bytes;

        Ciphertext(OutputStream out) {
            this.out = out;
            try {
                sha256 = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] data, int offset, int length) throws IOException {
            out.write(data, offset, length);
            sha256.update(data, offset, length);
            bytes += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
