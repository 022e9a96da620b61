package io.holdfast.format.age;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgeRoundTripTest {
    private final SecureRandom random = new SecureRandom();
    private final X25519Identity identity = X25519Identity.generate(random);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65535, 65536, 65537, 131072, 1_000_000})
    void whatIsEncryptedDecrypts(int size) throws IOException {
        byte[] plaintext = new byte[size];
        new Random(size).nextBytes(plaintext);
        byte[] file = encrypted(plaintext, List.of(identity.recipient()));
        assertThat(file).hasSize(Math.toIntExact(Age.encryptedBytes(1, size)));
        try (InputStream in = Age.decrypt(new ByteArrayInputStream(file), List.of(identity))) {
            assertThat(in.readAllBytes()).isEqualTo(plaintext);
        }
        FileKey key = Age.fileKey(new ByteArrayInputStream(file), List.of(identity));
        assertThat(Age.decrypt(new ByteArrayInputStream(file), FileKey.of(key.bytes()))
                        .readAllBytes())
                .isEqualTo(plaintext);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 23, 24, 25, 65536, 200_000})
    void whatIsArmoredDecrypts(int size) throws IOException {
        byte[] plaintext = new byte[size];
        new Random(size).nextBytes(plaintext);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (OutputStream out = Age.encrypt(Age.armor(file), List.of(identity.recipient()), random)) {
            out.write(plaintext);
        }
        assertThat(Age.decrypt(new ByteArrayInputStream(file.toByteArray()), List.of(identity))
                        .readAllBytes())
                .isEqualTo(plaintext);
    }

    @Test
    void fileKeyIsReadFromTheHeaderAlone() throws IOException {
        AgeFile file = AgeFile.of(1000);
        ByteArrayInputStream in = new ByteArrayInputStream(file.bytes);
        FileKey key = Age.fileKey(in, List.of(AgeFile.IDENTITY));
        assertThat(file.bytes.length - in.available())
                .isEqualTo(file.headerText().length());
        assertThat(Age.fileKey(new ByteArrayInputStream(AgeFile.bytes(file.headerText())), List.of(AgeFile.IDENTITY)))
                .isEqualTo(key);
    }

    @Test
    void eachOfSeveralRecipientsOpensTheFile() throws IOException {
        List<X25519Identity> identities =
                List.of(identity, X25519Identity.generate(random), X25519Identity.generate(random));
        byte[] file = encrypted(
                new byte[] {1, 2, 3},
                identities.stream().map(X25519Identity::recipient).toList());
        for (X25519Identity each : identities) {
            assertThat(Age.decrypt(new ByteArrayInputStream(file), List.of(X25519Identity.generate(random), each))
                            .readAllBytes())
                    .containsExactly(1, 2, 3);
        }
    }

    @Test
    void passphraseOpensWhatItSealed() throws IOException {
        byte[] file = encrypted(new byte[] {1, 2, 3}, List.of(new PassphraseRecipient("correct horse ☃", 12)));
        assertThat(Age.decrypt(new ByteArrayInputStream(file), List.of(new PassphraseIdentity("correct horse ☃", 12)))
                        .readAllBytes())
                .containsExactly(1, 2, 3);
    }

    @Test
    void keysAreReadBackFromTheirText() throws IOException {
        assertThat(X25519Identity.parse(identity.encoded())).isEqualTo(identity);
        assertThat(X25519Recipient.parse(identity.recipient().toString())).isEqualTo(identity.recipient());
        assertThat(X25519Identity.parseFile("# created: today\n\n" + identity.encoded() + "\n"))
                .containsExactly(identity);
    }

    private byte[] encrypted(byte[] plaintext, List<? extends Recipient> recipients) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (OutputStream out = Age.encrypt(file, recipients, random)) {
            out.write(plaintext);
        }
        return file.toByteArray();
    }
}
