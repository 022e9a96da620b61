package io.holdfast.format.age;

import static io.holdfast.format.age.AgeFile.IDENTITY;
import static io.holdfast.format.age.AgeFile.assertRefused;
import static io.holdfast.format.age.AgeFile.join;
import static io.holdfast.format.age.AgeFile.released;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.AgeException.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrokenPayloadTest {
    private static final int CHUNK = Payload.CHUNK_BYTES;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void fileCutAtChunkBorderIsTruncated(int chunks) throws IOException {
        AgeFile file = AgeFile.of(3 * CHUNK + 10);
        byte[] cut = Arrays.copyOf(file.bytes, file.headBytes() + chunks * Payload.SEALED_CHUNK_BYTES);
        assertThat(released(Kind.TRUNCATED, cut, IDENTITY)).isEqualTo(Arrays.copyOf(file.plaintext, chunks * CHUNK));
    }

    @Test
    void fileWithoutItsFullFinalChunkIsTruncated() throws IOException {
        AgeFile file = AgeFile.of(2 * CHUNK);
        assertThat(released(Kind.TRUNCATED, join(file.head(), file.chunk(0)), IDENTITY))
                .isEqualTo(Arrays.copyOf(file.plaintext, CHUNK));
    }

    @Test
    void fileCutInsideChunkGivesOutOnlyTheChunksBefore() throws IOException {
        AgeFile file = AgeFile.of(CHUNK + 100);
        byte[] firstChunk = Arrays.copyOf(file.plaintext, CHUNK);
        int border = file.headBytes() + Payload.SEALED_CHUNK_BYTES;
        assertThat(released(Kind.TRUNCATED, Arrays.copyOf(file.bytes, border + 15), IDENTITY))
                .isEqualTo(firstChunk);
        assertThat(released(Kind.BAD_CHUNK, Arrays.copyOf(file.bytes, border + 16), IDENTITY))
                .isEqualTo(firstChunk);
        assertThat(released(Kind.BAD_CHUNK, Arrays.copyOf(file.bytes, file.bytes.length - 1), IDENTITY))
                .isEqualTo(firstChunk);
        assertRefused(Kind.BAD_CHUNK, Arrays.copyOf(file.bytes, border - 1));
    }

    @Test
    void fileWithoutChunksIsTruncated() throws IOException {
        AgeFile file = AgeFile.of(0);
        assertRefused(Kind.TRUNCATED, file.head());
        assertRefused(Kind.TRUNCATED, Arrays.copyOf(file.bytes, file.headBytes() - 1));
        assertRefused(Kind.TRUNCATED, file.headerText());
    }

    @Test
    void secondFinalChunkIsDataAfterTheEnd() throws IOException {
        AgeFile file = AgeFile.of(2 * CHUNK);
        assertThat(released(Kind.DATA_AFTER_END, join(file.bytes, file.chunk(1)), IDENTITY))
                .isEqualTo(file.plaintext);
    }

    @Test
    void dataAfterTheEndIsRefused() throws IOException {
        AgeFile full = AgeFile.of(CHUNK);
        assertThat(released(Kind.DATA_AFTER_END, join(full.bytes, new byte[1]), IDENTITY))
                .isEqualTo(full.plaintext);
        AgeFile brief = AgeFile.of(10);
        assertRefused(Kind.BAD_CHUNK, join(brief.bytes, new byte[1]));
        assertRefused(Kind.BAD_CHUNK, join(brief.bytes, brief.chunk(0)));
    }

    @Test
    void chunksOutOfTheirPlaceAreRefused() throws IOException {
        AgeFile file = AgeFile.of(3 * CHUNK + 10);
        byte[][] chunks = {file.chunk(0), file.chunk(1), file.chunk(2), file.chunk(3)};
        assertRefused(Kind.BAD_CHUNK, join(file.head(), chunks[1], chunks[0], chunks[2], chunks[3]));
        assertRefused(Kind.BAD_CHUNK, join(file.head(), chunks[1], chunks[2], chunks[3]));
        byte[] firstChunk = Arrays.copyOf(file.plaintext, CHUNK);
        assertThat(released(Kind.BAD_CHUNK, join(file.head(), chunks[0], chunks[2], chunks[3]), IDENTITY))
                .isEqualTo(firstChunk);
        assertThat(released(Kind.BAD_CHUNK, join(file.head(), chunks[0], chunks[0], chunks[1], chunks[3]), IDENTITY))
                .isEqualTo(firstChunk);
    }

    @Test
    void chunkOfAnotherFileIsRefused() throws IOException {
        AgeFile file = AgeFile.of(2 * CHUNK);
        AgeFile other = AgeFile.of(2 * CHUNK);
        assertThat(released(Kind.BAD_CHUNK, join(file.head(), file.chunk(0), other.chunk(1)), IDENTITY))
                .isEqualTo(Arrays.copyOf(file.plaintext, CHUNK));
        assertRefused(Kind.BAD_CHUNK, join(other.head(), file.chunk(0), file.chunk(1)));
    }

    @Test
    void flippedBitAnywhereIsRefusedAndNothingOfItsChunkIsGivenOut() throws IOException {
        AgeFile file = AgeFile.of(20);
        for (int i = 0; i < file.bytes.length; i++) {
            byte[] flipped = file.bytes.clone();
            flipped[i] ^= (byte) (1 << (i % 8));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertThatThrownBy(() -> Age.decrypt(new ByteArrayInputStream(flipped), List.of(IDENTITY))
                            .transferTo(out))
                    .as("bit flipped in byte %d", i)
                    .isInstanceOf(AgeException.class);
            assertThat(out.size()).isZero();
        }
    }

    @Test
    void emptyFinalChunkAfterOthersIsRefused() throws IOException {
        byte[] plaintext = new byte[CHUNK];
        FileKey key = FileKey.random(AgeFile.RANDOM);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(Header.write(key, Header.wrap(key, List.of(IDENTITY.recipient()), AgeFile.RANDOM)));
        byte[] salt = new byte[Payload.SALT_BYTES];
        file.writeBytes(salt);
        file.writeBytes(sealed(key, salt, plaintext, 0, false));
        file.writeBytes(sealed(key, salt, new byte[0], 1, true));
        assertThat(released(Kind.EMPTY_FINAL_CHUNK, file.toByteArray(), IDENTITY))
                .isEqualTo(plaintext);
    }

    private static byte[] sealed(FileKey key, byte[] salt, byte[] plain, long chunk, boolean last) {
        try {
            Cipher cipher = Primitives.cipher();
            cipher.init(Cipher.ENCRYPT_MODE, Payload.key(key, salt), new IvParameterSpec(Payload.nonce(chunk, last)));
            return cipher.doFinal(plain);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void fileThatWasNotClosedIsRefused() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        OutputStream out = Age.encrypt(file, List.of(IDENTITY.recipient()), AgeFile.RANDOM);
        out.write(new byte[3 * CHUNK]);
        assertThat(released(Kind.TRUNCATED, file.toByteArray(), IDENTITY)).isEqualTo(new byte[2 * CHUNK]);
    }

    @Test
    void closingAfterFailedWriteDoesNotCompleteTheFile() throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        boolean[] full = {false};
        OutputStream sink = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] data, int offset, int length) throws IOException {
                if (full[0]) {
                    throw new IOException("no space left");
                }
                stored.write(data, offset, length);
            }
        };
        OutputStream out = Age.encrypt(sink, List.of(IDENTITY.recipient()), AgeFile.RANDOM);
        out.write(new byte[CHUNK + 1]);
        full[0] = true;
        assertThatThrownBy(() -> out.write(new byte[CHUNK])).hasMessage("no space left");
        full[0] = false;
        out.close();
        assertThat(released(Kind.TRUNCATED, stored.toByteArray(), IDENTITY)).isEqualTo(new byte[CHUNK]);
    }

    @Test
    void chunkNumbersBeyondThirtyTwoBitsAreCountedOn() {
        assertThat(Payload.nonce(0x0102030405L, true)).containsExactly(0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 1);
    }

    @Test
    void readingInSmallPiecesGivesTheSame() throws IOException {
        AgeFile file = AgeFile.of(CHUNK + 3);
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        try (InputStream in = Age.decrypt(new DribblingInput(file.bytes), List.of(IDENTITY))) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                plain.write(next);
            }
        }
        assertThat(plain.toByteArray()).isEqualTo(file.plaintext);
    }

    /** Gives out few bytes at a time, as networks do. */
    private static final class DribblingInput extends ByteArrayInputStream {
        DribblingInput(byte[] bytes) {
            super(bytes);
        }

        @Override
        public synchronized int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(length, 7));
        }
    }
}
