package io.holdfast.format.age;

import static io.holdfast.format.age.AgeFile.IDENTITY;
import static io.holdfast.format.age.AgeFile.assertRefused;
import static io.holdfast.format.age.AgeFile.bytes;
import static io.holdfast.format.age.AgeFile.released;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.AgeException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrokenHeaderTest {
    private static final String VERSION = "age-encryption.org/v1\n";
    private static final String BODY = "A".repeat(43);
    private static final String END = "--- " + BODY + "\n";
    private static final String X25519_STANZA = "-> X25519 " + BODY + "\n" + BODY + "\n";
    private static final String SALT = "A".repeat(22);

    @ParameterizedTest
    @ValueSource(strings = {"", "\u001f\u008b\u0008", "PGDMP", "age-encryption.com/v1\n", "AGE-ENCRYPTION.ORG/v1\n"})
    void otherFilesAreNotAge(String content) {
        assertRefused(Kind.NOT_AGE, content);
    }

    @ParameterizedTest
    @ValueSource(strings = {"age-encryption.org/v2\n", "age-encryption.org/v1 \n", "age-encryption.org/v10\n"})
    void otherVersionsAreRefused(String line) {
        assertRefused(Kind.UNSUPPORTED_VERSION, line + X25519_STANZA + END);
    }

    @Test
    void headerCutAnywhereIsTruncated() throws IOException {
        AgeFile file = AgeFile.of(0);
        for (int length = 1; length < file.headBytes(); length++) {
            assertRefused(Kind.TRUNCATED, Arrays.copyOf(file.bytes, length));
        }
    }

    @Test
    void wrongKeyDoesNotMatch() throws IOException {
        assertThat(released(Kind.NO_MATCHING_KEY, AgeFile.of(5).bytes, X25519Identity.generate(AgeFile.RANDOM)))
                .isEmpty();
    }

    @Test
    void wrongPassphraseIsTold() throws IOException {
        AgeFile file = AgeFile.of(5, List.of(new PassphraseRecipient("right", 5)));
        assertThat(released(Kind.WRONG_PASSPHRASE, file.bytes, new PassphraseIdentity("wrong", 10)))
                .isEmpty();
        assertThat(released(Kind.NO_MATCHING_KEY, file.bytes, IDENTITY)).isEmpty();
    }

    @Test
    void fileKeyOfAnotherFileIsRefused() throws IOException {
        FileKey other = Age.fileKey(new ByteArrayInputStream(AgeFile.of(5).bytes), List.of(IDENTITY));
        assertThatThrownBy(() -> Age.decrypt(new ByteArrayInputStream(AgeFile.of(5).bytes), other))
                .isInstanceOfSatisfying(
                        AgeException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BAD_MAC));
    }

    @Test
    void headerThatWasAddedToHasWrongMac() throws IOException {
        String header = AgeFile.of(5).headerText();
        assertRefused(Kind.BAD_MAC, header.replace("\n---", "\n-> other\n\n---"));
        assertRefused(Kind.BAD_MAC, header.replaceFirst("--- .*\n", "--- " + BODY + "\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-> X25519 \n",
                "-> X25519  a\n",
                "-> \n",
                "-> X25519\nAAAA\n",
                "-> X25519 AAAA\nAAAA\n",
                "-> X25519 AAAA AAAA\nAAAA\n",
                "-> other\n---\n"
            })
    void malformedStanzasAreRefused(String stanza) {
        assertRefused(Kind.BAD_STANZA, VERSION + stanza + END);
    }

    @Test
    void stanzaLinesAreOfSixtyFourColumns() {
        assertRefused(Kind.BAD_STANZA, VERSION + "-> other\n" + "A".repeat(65) + "\n\n" + END);
        assertRefused(Kind.BAD_STANZA, VERSION + "-> other\n" + "A".repeat(64) + "\n" + END);
        assertRefused(Kind.BAD_HEADER, VERSION + "-> other\nAAAA\nAAAA\n" + END);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--- \n",
                "---\n",
                "--- AAAA\n",
                "---AAAA\n",
                "-- AAAA\n",
                "hello\n",
                "\n",
                "---  AAAA\n",
                "--- \r\n"
            })
    void malformedEndLinesAreRefused(String line) {
        byte[] file = bytes(VERSION + X25519_STANZA + line);
        assertThatThrownBy(() -> Age.decrypt(new ByteArrayInputStream(file), List.of(IDENTITY)))
                .isInstanceOfSatisfying(
                        AgeException.class, e -> assertThat(e.kind()).isIn(Kind.BAD_HEADER, Kind.BAD_BASE64));
    }

    @Test
    void headerWithoutStanzaIsRefused() {
        assertRefused(Kind.BAD_HEADER, VERSION + END);
    }

    @Test
    void carriageReturnsAndControlCharactersAreRefused() {
        assertRefused(Kind.BAD_HEADER, (VERSION + X25519_STANZA + END).replace("\n", "\r\n"));
        assertRefused(Kind.BAD_HEADER, VERSION + "-> other \u007f\n\n" + END);
        assertRefused(Kind.BAD_HEADER, VERSION + "-> other \u00e9\n\n" + END);
    }

    @ParameterizedTest
    @ValueSource(strings = {"AB", "AAB", "AA==", "A", "A-_A", "AA A", "AAAA="})
    void base64ThatIsNotCanonicalIsRefused(String body) {
        assertRefused(Kind.BAD_BASE64, VERSION + "-> other\n" + body + "\n" + END);
    }

    @Test
    void macAndShareMustBeCanonical() {
        assertRefused(Kind.BAD_BASE64, VERSION + X25519_STANZA + "--- " + "A".repeat(42) + "B\n");
        assertRefused(Kind.BAD_BASE64, VERSION + "-> X25519 " + "A".repeat(42) + "B\n" + BODY + "\n" + END);
    }

    @Test
    void endlessHeaderIsRefusedWithoutReadingOn() {
        ByteArrayInputStream file = new ByteArrayInputStream(bytes(VERSION + "-> other " + "A".repeat(1_000_000)));
        assertThat(released(Kind.OVERSIZED_HEADER, file, IDENTITY)).isEmpty();
        assertThat(file.available()).isGreaterThan(1_000_000 - Header.LARGEST);
        assertRefused(Kind.OVERSIZED_HEADER, VERSION + X25519_STANZA.repeat(700) + END);
    }

    @Test
    void sharesOfLowOrderAreRefused() throws IOException {
        BigInteger p = BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));
        List<BigInteger> lowOrder = List.of(
                BigInteger.ZERO,
                BigInteger.ONE,
                new BigInteger("325606250916557431795983626356110631294008115727848805560023387167927233504"),
                new BigInteger("39382357235489614581723060781553021112529911719440698176882885853963445705823"),
                p.subtract(BigInteger.ONE),
                p,
                p.add(BigInteger.ONE));
        for (BigInteger u : lowOrder) {
            byte[] point = littleEndian(u);
            String share = CanonicalBase64.encode(point);
            assertRefused(Kind.LOW_ORDER_POINT, VERSION + "-> X25519 " + share + "\n" + BODY + "\n" + END);
            assertThatThrownBy(() -> X25519Recipient.parse(Bech32.encode("age", point)))
                    .isInstanceOfSatisfying(
                            AgeException.class, e -> assertThat(e.kind()).isEqualTo(Kind.LOW_ORDER_POINT));
        }
    }

    private static byte[] littleEndian(BigInteger value) {
        byte[] big = value.toByteArray();
        byte[] little = new byte[32];
        for (int i = 0; i < Math.min(big.length, 32); i++) {
            little[i] = big[big.length - 1 - i];
        }
        return little;
    }

    @Test
    void passphraseBesideAnotherRecipientIsRefused() {
        String scrypt = "-> scrypt " + SALT + " 10\n" + BODY + "\n";
        assertRefused(Kind.PASSPHRASE_NOT_ALONE, VERSION + scrypt + X25519_STANZA + END);
        assertRefused(Kind.PASSPHRASE_NOT_ALONE, VERSION + X25519_STANZA + scrypt + END);
        assertRefused(Kind.PASSPHRASE_NOT_ALONE, VERSION + scrypt + scrypt + END);
        assertRefused(Kind.PASSPHRASE_NOT_ALONE, VERSION + scrypt + "-> other\n\n" + END);
        PassphraseRecipient passphrase = new PassphraseRecipient("secret", 5);
        assertThatThrownBy(() -> AgeFile.of(1, List.of(passphrase, IDENTITY.recipient())))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AgeFile.of(1, List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"17", "20", "22", "63", "64", "100", "4294967306", "18446744073709551626"})
    void workFactorAboveTheLimitIsRefused(String factor) {
        byte[] file = bytes(VERSION + "-> scrypt " + SALT + " " + factor + "\n" + BODY + "\n" + END);
        assertThat(released(Kind.EXCESSIVE_WORK_FACTOR, file, new PassphraseIdentity("secret", 16)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "+5", "05", "0x5", "5a", "a5"})
    void malformedWorkFactorIsRefused(String factor) {
        byte[] file = bytes(VERSION + "-> scrypt " + SALT + " " + factor + "\n" + BODY + "\n" + END);
        assertThat(released(Kind.BAD_STANZA, file, new PassphraseIdentity("secret", 16)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlkem768x25519", "p256tag", "mlkem768p256tag", "piv-p256", "x25519", "ssh-ed25519"})
    void otherTypesOfRecipientsAreToldApart(String type) {
        assertRefused(Kind.UNSUPPORTED_RECIPIENT, VERSION + "-> " + type + " AAAA\n" + BODY + "\n" + END);
        assertRefused(Kind.NO_MATCHING_KEY, VERSION + "-> " + type + " AAAA\n" + BODY + "\n" + foreignStanza() + END);
    }

    private static String foreignStanza() {
        return "-> X25519 " + CanonicalBase64.encode(littleEndian(BigInteger.valueOf(9))) + "\n" + BODY + "\n";
    }
}
