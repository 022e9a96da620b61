package io.holdfast.format.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A segment's ciphertext on its way in; answers the end only when size and hash are those of the manifest. */
final class SealedInput extends InputStream {
    private final InputStream in;
    private final long expectedBytes;
    private final String expectedSha256;
    private final MessageDigest digest;
    private long bytes;
    private boolean verified;

    SealedInput(InputStream in, long expectedBytes, String expectedSha256) {
        this.in = in;
        this.expectedBytes = expectedBytes;
        this.expectedSha256 = expectedSha256;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = verified ? -1 : in.read(target, offset, length);
        if (count > 0) {
            digest.update(target, offset, count);
            bytes += count;
            if (bytes > expectedBytes) {
                throw new CorruptArtifactException("it is longer than the " + expectedBytes + " bytes it should have");
            }
        }
        if (count < 0 && !verified) {
            verify();
        }
        return count;
    }

    private void verify() throws CorruptArtifactException {
        if (bytes != expectedBytes) {
            throw new CorruptArtifactException("it has " + bytes + " bytes and should have " + expectedBytes);
        }
        if (!HexFormat.of().formatHex(digest.digest()).equals(expectedSha256)) {
            throw new CorruptArtifactException("its SHA-256 is not the one it should have");
        }
        verified = true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
