package io.holdfast.format.age;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.Programs;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files go both ways between this package and the age program. */
class AgeProgramTest {
    private static final String PASSPHRASE = "correct horse 7";

    private final X25519Identity identity = X25519Identity.generate(AgeFile.RANDOM);

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65535, 65536, 65537, 131072, 200_000_000})
    void filesOfTheAgeProgramOpenHere(int size) throws Exception {
        Path plaintext = plaintext(size);
        Path file = folder.resolve("file.age");
        Programs.run(plaintext, file, "age", "-r", identity.recipient().toString());
        assertOpensHere(file, plaintext, identity);
        if (size < 1_000_000) {
            Programs.run(
                    plaintext, file, "age", "-a", "-r", identity.recipient().toString());
            assertOpensHere(file, plaintext, identity);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65535, 65536, 65537, 131072, 200_000_000})
    void ourFilesOpenInTheAgeProgram(int size) throws Exception {
        Path plaintext = plaintext(size);
        Path key = Files.writeString(folder.resolve("key.age"), "# a comment\n" + identity.encoded() + "\n");
        Path opened = folder.resolve("opened");
        X25519Recipient other = X25519Identity.generate(AgeFile.RANDOM).recipient();
        for (boolean armored : size < 1_000_000 ? new boolean[] {false, true} : new boolean[] {false}) {
            Path file = encrypted(plaintext, List.of(other, identity.recipient()), armored);
            Programs.run(file, opened, "age", "-d", "-i", key.toString());
            assertThat(Files.mismatch(opened, plaintext)).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65537})
    void passphraseFilesOfTheAgeProgramOpenHere(int size) throws Exception {
        Path plaintext = plaintext(size);
        Path file = folder.resolve("file.age");
        Programs.runOnTerminal(PASSPHRASE + "\n" + PASSPHRASE + "\n", "age -p -o '" + file + "' '" + plaintext + "'");
        assertOpensHere(file, plaintext, new PassphraseIdentity(PASSPHRASE, PassphraseRecipient.DEFAULT_WORK_FACTOR));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65537})
    void ourPassphraseFilesOpenInTheAgeProgram(int size) throws Exception {
        Path plaintext = plaintext(size);
        Path file = encrypted(plaintext, List.of(new PassphraseRecipient(PASSPHRASE, 14)), size == 0);
        Path opened = folder.resolve("opened");
        Programs.runOnTerminal(PASSPHRASE + "\n", "age -d '" + file + "' > '" + opened + "'");
        assertThat(Files.mismatch(opened, plaintext)).isEqualTo(-1);
    }

    @Test
    void identityFilesOfAgeKeygenAreRead() throws Exception {
        Path empty = Files.createFile(folder.resolve("empty"));
        Path key = folder.resolve("key");
        Programs.run(empty, key, "age-keygen");
        String text = Files.readString(key, US_ASCII);
        X25519Identity read = X25519Identity.parseFile(text).getFirst();
        assertThat(text).contains("public key: " + read.recipient()).contains(read.encoded());
    }

    private Path plaintext(int size) throws IOException {
        Path file = folder.resolve("plaintext");
        Random random = new Random(size);
        byte[] block = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int left = size; left > 0; left -= block.length) {
                random.nextBytes(block);
                out.write(block, 0, Math.min(left, block.length));
            }
        }
        return file;
    }

    private Path encrypted(Path plaintext, List<? extends Recipient> recipients, boolean armored) throws IOException {
        Path file = folder.resolve("file.age");
        OutputStream stored = new BufferedOutputStream(Files.newOutputStream(file));
        try (OutputStream out = Age.encrypt(armored ? Age.armor(stored) : stored, recipients, AgeFile.RANDOM)) {
            Files.copy(plaintext, out);
        }
        return file;
    }

    private void assertOpensHere(Path file, Path plaintext, Identity with) throws IOException {
        Path opened = folder.resolve("opened");
        Files.deleteIfExists(opened);
        try (InputStream in = Age.decrypt(Files.newInputStream(file), List.of(with))) {
            Files.copy(in, opened);
        }
        assertThat(Files.mismatch(opened, plaintext)).isEqualTo(-1);
    }
}
