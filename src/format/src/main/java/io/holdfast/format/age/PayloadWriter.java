package io.holdfast.format.age;

import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.util.Objects;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals what is written to it, chunk by chunk. Not safe for several threads.
 *
 * <p>A full chunk is held back until more data comes, because the final chunk is marked as such and may only be empty
 * when the whole payload is. Closing without a failure before is what makes the file complete: after a failed write,
 * closing writes no final chunk, so that a broken file stays recognizable.
 */
final class PayloadWriter extends OutputStream {
    private final OutputStream out;
    private final SecretKeySpec key;
    private final Cipher cipher = Primitives.cipher();
    private final byte[] plain = new byte[Payload.CHUNK_BYTES];
    private final byte[] sealed = new byte[Payload.SEALED_CHUNK_BYTES];
    private int filled;
    private long chunk;
    private boolean failed;
    private boolean closed;

    PayloadWriter(OutputStream out, FileKey fileKey, byte[] salt) throws IOException {
        this.out = out;
        this.key = Payload.key(fileKey, salt);
        out.write(salt);
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        if (closed) {
            throw new IOException("the stream is closed");
        }
        int from = offset;
        int left = length;
        while (left > 0) {
            if (filled == plain.length) {
                seal(false);
            }
            int part = Math.min(left, plain.length - filled);
            System.arraycopy(data, from, plain, filled, part);
            filled += part;
            from += part;
            left -= part;
        }
    }

    private void seal(boolean last) throws IOException {
        int length;
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(Payload.nonce(chunk, last)));
            length = cipher.doFinal(plain, 0, filled, sealed, 0);
        } catch (GeneralSecurityException e) {
            failed = true;
            throw new IllegalStateException("sealing a chunk failed", e);
        }
        chunk++;
        filled = 0;
        boolean written = false;
        try {
            out.write(sealed, 0, length);
            written = true;
        } finally {
            failed |= !written;
        }
    }

    /** Hands on what is sealed; the chunk that is not full yet stays here. */
    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (out) {
            if (!failed) {
                seal(true);
            }
        }
    }
}
