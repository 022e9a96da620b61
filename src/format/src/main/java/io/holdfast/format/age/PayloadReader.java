package io.holdfast.format.age;

import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Opens a payload, chunk by chunk: gives out plaintext only of chunks that are authentic, and the end only when the
 * final chunk was and nothing follows it. After a failure every further read fails the same way.
 *
 * <p>Not safe for several threads.
 */
final class PayloadReader extends InputStream {
    private final InputStream in;
    private final SecretKeySpec key;
    private final Cipher cipher = Primitives.cipher();
    /** One byte more than a chunk: it tells whether the chunk is the last one of the file. */
    private final byte[] sealed = new byte[Payload.SEALED_CHUNK_BYTES + 1];

    private final byte[] plain = new byte[Payload.CHUNK_BYTES];
    private int held;
    private int position;
    private int available;
    private long chunk;
    private boolean ended;
    private @Nullable IOException failure;

    PayloadReader(InputStream in, FileKey fileKey) throws IOException {
        this.in = in;
        byte[] salt = in.readNBytes(Payload.SALT_BYTES);
        if (salt.length < Payload.SALT_BYTES) {
            throw new AgeException(AgeException.Kind.TRUNCATED, "the file ends right after its header");
        }
        this.key = Payload.key(fileKey, salt);
    }

    @Override
    public int read() throws IOException {
        return fill() ? plain[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, available - position);
        System.arraycopy(plain, position, target, offset, count);
        position += count;
        return count;
    }

    @Override
    public int available() {
        return available - position;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** Makes sure that there is plaintext to give out; false at the authenticated end. */
    private boolean fill() throws IOException {
        while (position == available) {
            if (failure != null) {
                throw failure;
            }
            if (ended) {
                return false;
            }
            try {
                nextChunk();
            } catch (IOException e) {
                failure = e;
            }
        }
        return true;
    }

    private void nextChunk() throws IOException {
        held += in.readNBytes(sealed, held, sealed.length - held);
        boolean last = held < sealed.length;
        int length = Math.min(held, Payload.SEALED_CHUNK_BYTES);
        if (length == 0 && chunk == 0) {
            throw new AgeException(AgeException.Kind.TRUNCATED, "the file ends before its first chunk");
        }
        if (length < Primitives.TAG_BYTES) {
            throw new AgeException(AgeException.Kind.TRUNCATED, "the file ends inside chunk " + chunk);
        }
        int opened = open(length, last);
        if (opened < 0) {
            opened = openMisplaced(length, last);
        }
        if (last && opened == 0 && chunk > 0) {
            throw new AgeException(
                    AgeException.Kind.EMPTY_FINAL_CHUNK, "the final chunk is empty but not the only one");
        }
        position = 0;
        available = opened;
        chunk++;
        ended = last;
        sealed[0] = sealed[sealed.length - 1];
        held = 1;
    }

    /**
     * Finds out what is wrong with a chunk that does not open where it stands. A whole chunk that is authentic but
     * wrongly the last one, or wrongly not, is still given out, as age does; the next read fails.
     */
    private int openMisplaced(int length, boolean last) throws AgeException {
        int opened = open(length, !last);
        if (opened < 0) {
            String what = last ? "cut short or changed" : "changed or out of its place";
            throw new AgeException(AgeException.Kind.BAD_CHUNK, "chunk " + chunk + " is not authentic: " + what);
        }
        AgeException misplaced = last
                ? new AgeException(AgeException.Kind.TRUNCATED, "the file ends before its final chunk")
                : new AgeException(AgeException.Kind.DATA_AFTER_END, "data follows the final chunk");
        if (opened < Payload.CHUNK_BYTES) {
            throw misplaced;
        }
        failure = misplaced;
        return opened;
    }

    /** Number of plaintext bytes, or -1 when the chunk is not authentic in this place. */
    private int open(int length, boolean last) {
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(Payload.nonce(chunk, last)));
            return cipher.doFinal(sealed, 0, length, plain, 0);
        } catch (AEADBadTagException e) {
            return -1;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("opening a chunk failed", e);
        }
    }
}
