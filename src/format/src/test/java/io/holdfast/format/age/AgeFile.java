package io.holdfast.format.age;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A sound age file in memory, its parts, and means to look at what a reader makes of a broken one. */
final class AgeFile {
    static final SecureRandom RANDOM = new SecureRandom();
    static final X25519Identity IDENTITY = X25519Identity.generate(RANDOM);

    final byte[] plaintext;
    final byte[] bytes;

    private AgeFile(byte[] plaintext, byte[] bytes) {
        this.plaintext = plaintext;
        this.bytes = bytes;
    }

    static AgeFile of(int size) throws IOException {
        return of(size, List.of(IDENTITY.recipient()));
    }

    static AgeFile of(int size, List<? extends Recipient> recipients) throws IOException {
        byte[] plaintext = new byte[size];
        new Random(size).nextBytes(plaintext);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (OutputStream out = Age.encrypt(file, recipients, RANDOM)) {
            out.write(plaintext);
        }
        return new AgeFile(plaintext, file.toByteArray());
    }

    /** The header and the salt. */
    byte[] head() {
        return Arrays.copyOf(bytes, headBytes());
    }

    int headBytes() {
        return headerText().length() + Payload.SALT_BYTES;
    }

    String headerText() {
        String text = new String(bytes, ISO_8859_1);
        return text.substring(0, text.indexOf('\n', text.indexOf("\n---") + 1) + 1);
    }

    /** A sealed chunk; the last one may be short. */
    byte[] chunk(int number) {
        int start = headBytes() + number * Payload.SEALED_CHUNK_BYTES;
        return Arrays.copyOfRange(bytes, start, Math.min(bytes.length, start + Payload.SEALED_CHUNK_BYTES));
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    /** Reads a broken file to its failure, checks that it stays failed, and answers what was given out before. */
    static byte[] released(AgeException.Kind expected, byte[] file, Identity identity) {
        return released(expected, new ByteArrayInputStream(file), identity);
    }

    static byte[] released(AgeException.Kind expected, InputStream file, Identity identity) {
        ByteArrayOutputStream released = new ByteArrayOutputStream();
        InputStream plaintext = InputStream.nullInputStream();
        try {
            plaintext = Age.decrypt(file, List.of(identity));
            plaintext.transferTo(released);
        } catch (IOException e) {
            assertKind(expected, e);
            if (released.size() > 0) {
                assertStaysBroken(expected, plaintext);
            }
            return released.toByteArray();
        }
        return fail("the broken file was read to its end");
    }

    private static void assertStaysBroken(AgeException.Kind expected, InputStream plaintext) {
        try {
            assertThat(plaintext.read()).as("a read after the failure").isEqualTo(-2);
        } catch (IOException e) {
            assertKind(expected, e);
        }
    }

    private static void assertKind(AgeException.Kind expected, IOException e) {
        if (!(e instanceof AgeException age && age.kind() == expected)) {
            throw new AssertionError("expected " + expected, e);
        }
    }

    static void assertRefused(AgeException.Kind expected, byte[] file) {
        assertThat(released(expected, file, IDENTITY)).isEmpty();
    }

    static void assertRefused(AgeException.Kind expected, String file) {
        assertRefused(expected, bytes(file));
    }
}
