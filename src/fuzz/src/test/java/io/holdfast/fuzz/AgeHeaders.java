package io.holdfast.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.PassphraseIdentity;
import io.holdfast.format.age.PassphraseRecipient;
import io.holdfast.format.age.Recipient;
import io.holdfast.format.age.X25519Identity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Headers. An input is what comes before the MAC, which is added, as whoever knows one file key can add it; the payload
 * behind it is a sound one. So a header that is read gives the plaintext, by the file key and by an identity alike.
 */
final class AgeHeaders implements Target {
    private static final byte[] PLAINTEXT = "what is kept".getBytes(US_ASCII);
    /** Low, so that many are tried. */
    private static final int WORK_FACTOR = 2;

    private static final int LARGE = 2 * 1024 * 1024;
    private static final int FOR_EACH_BYTE = 400;

    private final X25519Identity identity = X25519Identity.of("an identity for fuzzing, 32 byte".getBytes(US_ASCII));
    private final PassphraseIdentity passphrase = new PassphraseIdentity("a passphrase", WORK_FACTOR);
    private final SecureRandom random = new SecureRandom();
    private final byte[] sound;
    private final FileKey key;
    private final byte[] payload;

    AgeHeaders() throws IOException {
        sound = file(List.of(identity.recipient()));
        key = Age.fileKey(new ByteArrayInputStream(sound), List.of(identity));
        payload = Arrays.copyOfRange(sound, headerBytes(sound), sound.length);
    }

    @Override
    public List<byte[]> seeds() throws IOException {
        X25519Identity other = X25519Identity.generate(random);
        List<byte[]> seeds = new ArrayList<>();
        seeds.add(beforeMac(sound));
        for (byte[] foreign : List.of(
                file(List.of(other.recipient(), identity.recipient())),
                file(List.of(new PassphraseRecipient("a passphrase", WORK_FACTOR))))) {
            // With the stanzas of another file the MAC is still right for who has the file key.
            seeds.add(beforeMac(foreign));
        }
        String text = new String(beforeMac(sound), ISO_8859_1);
        String grease = "-> grease a b\n" + "YWFh".repeat(16) + "\n\n---";
        seeds.add(text.replace("---", grease).getBytes(ISO_8859_1));
        return seeds;
    }

    @Override
    public boolean read(byte[] input) throws Exception {
        byte[] file = withMac(input);
        boolean read = readsBy(file);
        try {
            FileKey opened = Age.fileKey(new ByteArrayInputStream(file), List.of(identity, passphrase));
            if (!opened.equals(key) || !read) {
                throw new AssertionError("an identity opens what the file key does not");
            }
        } catch (AgeException e) {
            return read;
        }
        return true;
    }

    private boolean readsBy(byte[] file) throws IOException {
        byte[] found;
        try (var in = Age.decrypt(new ByteArrayInputStream(file), key)) {
            found = in.readAllBytes();
        } catch (AgeException e) {
            return false;
        }
        if (!Arrays.equals(found, PLAINTEXT)) {
            throw new AssertionError("another plaintext");
        }
        return true;
    }

    private byte[] withMac(byte[] input) throws GeneralSecurityException {
        KDF hkdf = KDF.getInstance("HKDF-SHA256");
        byte[] macKey = hkdf.deriveData(
                HKDFParameterSpec.ofExtract().addIKM(key.bytes()).thenExpand("header".getBytes(US_ASCII), 32));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(macKey, "HmacSHA256"));
        String end = " " + Base64.getEncoder().withoutPadding().encodeToString(mac.doFinal(input)) + "\n";
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(input);
        file.writeBytes(end.getBytes(US_ASCII));
        file.writeBytes(payload);
        return file.toByteArray();
    }

    private byte[] file(List<? extends Recipient> recipients) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (OutputStream out = Age.encrypt(file, recipients, random)) {
            out.write(PLAINTEXT);
        }
        return file.toByteArray();
    }

    private static byte[] beforeMac(byte[] file) {
        String text = new String(file, ISO_8859_1);
        return Arrays.copyOf(file, text.indexOf("\n---") + "\n---".length());
    }

    private static int headerBytes(byte[] file) {
        String text = new String(file, ISO_8859_1);
        return text.indexOf('\n', text.indexOf("\n---") + 1) + 1;
    }

    @Override
    public long mostBytes(int length) {
        return LARGE + (long) FOR_EACH_BYTE * length;
    }
}
