package io.holdfast.format.instance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.signed.SignedFile;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.format.signed.SignedFileException.Kind;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignedInstanceRecordTest {
    private static final KeyPair KEYS = keys();
    private static final InstanceRecord RECORD = record();
    private static final byte[] FILE = SignedInstanceRecord.sign(RECORD, KEYS);

    private static InstanceRecord read(byte[] file) throws SignedFileException {
        return SignedInstanceRecord.read(file, "shop-1", List.of(KEYS.getPublic()));
    }

    @Test
    void whatIsSignedReadsBackAndTheLayoutIsTheOneThatIsSpecified() throws Exception {
        assertThat(read(FILE)).isEqualTo(RECORD);
        assertThat(SignedInstanceRecord.sign(record(), KEYS)).isEqualTo(FILE);
        assertThat(new String(FILE, UTF_8))
                .startsWith(
                        "{\"instance\":{\"format\":\"holdfast-instance/1\",\"instance_id\":\"shop-1\",\"revision\":7,")
                .contains("\"custody\":\"managed\"")
                .contains("\"created_at\":\"2026-11-22T23:00:00.123Z\"")
                .containsOnlyOnce(
                        "\"segment_secret\":\"" + Base64.getEncoder().encodeToString(new byte[42]) + "\",\"adopted\"")
                .endsWith("==\"}}\n");
    }

    @Test
    void anotherInstancesRecordIsRefused() {
        assertRefused(Kind.ANOTHERS, () -> SignedInstanceRecord.read(FILE, "shop-2", List.of(KEYS.getPublic())));
    }

    @Test
    void aRecordOfAnotherSignerIsRefused() {
        assertRefused(Kind.UNKNOWN_SIGNER, () -> read(SignedInstanceRecord.sign(RECORD, keys())));
    }

    @Test
    void everyFlippedBitAndEveryCutIsRefused() {
        for (int i = 0; i < FILE.length; i++) {
            byte[] flipped = FILE.clone();
            flipped[i] ^= (byte) (1 << (i % 8));
            assertThatThrownBy(() -> read(flipped)).as("byte %d", i).isInstanceOf(SignedFileException.class);
            byte[] cut = Arrays.copyOf(FILE, i);
            assertRefused(Kind.BAD_LAYOUT, () -> read(cut));
        }
    }

    /** Signed by the right key, and still not to be believed. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"revision\":7|\"revision\":0",
                "\"life\":2|\"life\":0",
                "\"next_key_version\":3|\"next_key_version\":2",
                "\"custody\":\"managed\"|\"custody\":\"nobody\"",
                "\"format\":\"holdfast-instance/1\"|\"format\":\"holdfast-instance/2\"",
                "\"version\":1|\"version\":2",
                "\"backups_kept\":false|\"backups_kept\":true",
                "\"wrapped\":\"|\"wrapped\":\"*",
                "\"segment_secret\":\"|\"segment_secret\":\"*",
                "\"segment_secret\":\"|\"segment_secret\":1,\"extra\":\"",
                "\"life\":2|\"life\":2,\"life\":2",
                "\"life\":2|\"life\":2,\"unknown\":2"
            })
    void aContentThatCannotBeIsRefused(String from, String to) throws Exception {
        String text = new String(FILE, UTF_8);
        assertThat(text).contains(from);
        String content = text.substring("{\"instance\":".length(), text.indexOf(",\"signature\":"))
                .replace(from, to);
        assertRefused(Kind.BAD_CONTENT, () -> read(signed(content)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "{}", "7", "\"\"", "{\"format\":\"holdfast-instance/1\"}"})
    void aContentThatIsNoRecordIsRefused(String content) throws Exception {
        assertRefused(Kind.BAD_CONTENT, () -> read(signed(content)));
    }

    /** A file around any content, signed as the format says. */
    private static byte[] signed(String content) throws Exception {
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(KEYS.getPrivate());
        signer.update(content.getBytes(UTF_8));
        return ("{\"instance\":" + content + ",\"signature\":{\"key\":\""
                        + SignedFile.fingerprint(KEYS.getPublic()) + "\",\"value\":\""
                        + Base64.getEncoder().encodeToString(signer.sign()) + "\"}}\n")
                .getBytes(UTF_8);
    }

    private static void assertRefused(Kind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SignedFileException.class,
                        e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
    }

    private static InstanceRecord record() {
        return new InstanceRecord(
                InstanceRecord.FORMAT,
                "shop-1",
                7,
                2,
                "postgresql",
                "broker",
                Instant.parse("2026-11-22T23:00:00.123Z"),
                null,
                false,
                Custody.MANAGED,
                3,
                List.of(key(1), key(2)));
    }

    private static InstanceRecord.Key key(int version) {
        return new InstanceRecord.Key(
                version,
                "age1" + "q".repeat(57) + version,
                Instant.EPOCH,
                Base64.getEncoder().encodeToString(new byte[40]),
                version == 1 ? null : Base64.getEncoder().encodeToString(new byte[41]),
                version == 1 ? null : Base64.getEncoder().encodeToString(new byte[42]),
                false);
    }

    private static KeyPair keys() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
