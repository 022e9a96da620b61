package io.holdfast.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.X25519Identity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Whole files, as bytes and as text, of none, one and several chunks. An input names one of them by its first byte, and
 * then changes to it: or it is a file itself. Whatever is given out is a beginning of the plaintext; all of it only when
 * the file is as it was.
 */
final class AgeStreams implements Target {
    private static final int CHUNK = 64 * 1024 + 16;
    private static final int ITSELF = 255;
    private static final int CHANGE_BYTES = 5;
    private static final int MOST_CHANGES = 8;
    /** Each change copies the file here, some times. */
    private static final int LARGE = 48 * 1024 * 1024;

    private static final int FOR_EACH_BYTE = 64;

    private final X25519Identity identity = X25519Identity.of("an identity for fuzzing, 32 byte".getBytes(US_ASCII));
    private final List<File> files = new ArrayList<>();

    private static final class File {
        private final byte[] plaintext;
        private final byte[] bytes;
        private final boolean text;

        File(byte[] plaintext, byte[] bytes, boolean text) {
            this.plaintext = plaintext;
            this.bytes = bytes;
            this.text = text;
        }
    }

    AgeStreams() throws IOException {
        for (int size : new int[] {0, 1, 40, 65_536, 65_537, 150_000}) {
            for (boolean text : new boolean[] {false, true}) {
                byte[] plaintext = new byte[size];
                new Random(size).nextBytes(plaintext);
                ByteArrayOutputStream file = new ByteArrayOutputStream();
                OutputStream armor = text ? Age.armor(file) : file;
                try (OutputStream out = Age.encrypt(armor, List.of(identity.recipient()), new SecureRandom())) {
                    out.write(plaintext);
                }
                files.add(new File(plaintext, file.toByteArray(), text));
            }
        }
    }

    @Override
    public List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            seeds.add(new byte[] {(byte) i});
        }
        for (File file : files.subList(0, 6)) {
            byte[] itself = new byte[file.bytes.length + 1];
            itself[0] = (byte) ITSELF;
            System.arraycopy(file.bytes, 0, itself, 1, file.bytes.length);
            seeds.add(itself);
        }
        // A change that changes nothing: the first byte is what it was.
        seeds.add(new byte[] {2, 0, 0, 0, 0, 'a'});
        return seeds;
    }

    @Override
    public boolean read(byte[] input) throws IOException {
        if (input.length == 0) {
            return false;
        }
        if ((input[0] & 0xff) == ITSELF) {
            return readsWhole(Arrays.copyOfRange(input, 1, input.length), null);
        }
        File file = files.get((input[0] & 0xff) % files.size());
        byte[] changed = file.bytes;
        for (int at = 1;
                at + CHANGE_BYTES <= Math.min(input.length, 1 + MOST_CHANGES * CHANGE_BYTES);
                at += CHANGE_BYTES) {
            changed = changed(changed, Arrays.copyOfRange(input, at, at + CHANGE_BYTES));
        }
        boolean whole = readsWhole(changed, file.plaintext);
        if (whole && !file.text && !Arrays.equals(changed, file.bytes)) {
            throw new AssertionError("a file that was changed is read to its end");
        }
        return whole;
    }

    /** One change: what, three bytes for where, and a value. */
    private static byte[] changed(byte[] file, byte[] change) {
        if (file.length == 0) {
            return file;
        }
        int where = (((change[1] & 0xff) << 16) | ((change[2] & 0xff) << 8) | (change[3] & 0xff)) % file.length;
        byte[] before = Arrays.copyOf(file, where);
        byte[] after = Arrays.copyOfRange(file, where, file.length);
        byte[] one = {change[4]};
        return switch (change[0] & 7) {
            case 0 -> joined(before, one, Arrays.copyOfRange(after, 1, after.length));
            case 1 -> joined(before, one, after);
            case 2 -> joined(before, Arrays.copyOfRange(after, 1, after.length));
            case 3 -> before;
            case 4 -> joined(file, one);
            case 5 -> joined(before, Arrays.copyOfRange(after, Math.min(CHUNK, after.length), after.length));
            case 6 -> joined(before, Arrays.copyOf(after, Math.min(CHUNK, after.length)), after);
            default ->
                joined(
                        before,
                        new String(after, ISO_8859_1).replace("\n", "\r\n").getBytes(ISO_8859_1));
        };
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            whole.writeBytes(part);
        }
        return whole.toByteArray();
    }

    /** Reads to the end or to the failure, which has to stay. */
    private boolean readsWhole(byte[] file, byte @Nullable [] plaintext) throws IOException {
        ByteArrayOutputStream given = new ByteArrayOutputStream();
        InputStream in = null;
        boolean whole = false;
        try {
            in = Age.decrypt(new ByteArrayInputStream(file), List.of(identity));
            byte[] buffer = new byte[10_000];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                given.write(buffer, 0, read);
            }
            whole = true;
        } catch (AgeException e) {
            if (in != null) {
                requireFailed(in);
            }
        }
        byte[] found = given.toByteArray();
        if (plaintext != null
                && (found.length > plaintext.length
                        || (whole && found.length < plaintext.length)
                        || !Arrays.equals(found, Arrays.copyOf(plaintext, found.length)))) {
            throw new AssertionError("something else than the plaintext was given out");
        }
        return whole;
    }

    private static void requireFailed(InputStream in) throws IOException {
        int again;
        try {
            again = in.read();
        } catch (AgeException e) {
            return;
        }
        throw new AssertionError("a reader that has failed goes on with " + again);
    }

    @Override
    public long mostBytes(int length) {
        return LARGE + (long) FOR_EACH_BYTE * length;
    }
}
