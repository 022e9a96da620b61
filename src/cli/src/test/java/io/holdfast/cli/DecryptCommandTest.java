package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.format.age.PassphraseRecipient;
import io.holdfast.format.age.X25519Identity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecryptCommandTest {
    @TempDir
    private Path directory;

    private StoredBackup backup;

    @BeforeEach
    void makeBackup() throws Exception {
        backup = new StoredBackup(directory);
    }

    @Test
    void segmentsInOrderGiveTheWholeContent() throws IOException {
        assertThat(backup.segments()).hasSizeGreaterThan(2);

        Run run = decrypt(List.of(), backup.instanceKey);

        assertThat(run.errors()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.output()).isEqualTo(backup.app);
    }

    @Test
    void standardInputIsReadForADash() throws IOException {
        Run run = Run.reading(
                Files.readAllBytes(backup.globals()), "decrypt", "--identity", backup.instanceKey.toString(), "-");

        assertThat(run.text()).isEqualTo("CREATE ROLE app;\n");
    }

    @Test
    void masterIdentityOpensBesideTheInstancesKey() throws IOException {
        Run run = decrypt(List.of(), backup.keyAge(), backup.masterKey);

        assertThat(run.exitCode()).isZero();
        assertThat(run.output()).isEqualTo(backup.app);
    }

    @Test
    void identityUnderAPassphraseOpens() throws IOException {
        Path sealed = directory.resolve("sealed.age");
        backup.writeSealed(sealed, Files.readString(backup.instanceKey), new PassphraseRecipient("correct horse", 10));
        Path passphrase = Files.writeString(directory.resolve("passphrase"), "correct horse\n");

        Run run = decrypt(List.of("--passphrase-file", passphrase.toString()), sealed);

        assertThat(run.exitCode()).isZero();
        assertThat(run.output()).isEqualTo(backup.app);
    }

    @Test
    void wrongPassphraseIsSaidAndNotShown() throws IOException {
        Path sealed = directory.resolve("sealed.age");
        backup.writeSealed(sealed, Files.readString(backup.instanceKey), new PassphraseRecipient("correct horse", 10));
        Path passphrase = Files.writeString(directory.resolve("passphrase"), "wrong horse\n");

        Run run = decrypt(List.of("--passphrase-file", passphrase.toString()), sealed);

        assertThat(run.exitCode()).isEqualTo(ExitCode.KEY_MISMATCH.number());
        assertThat(run.errors())
                .startsWith("WrongPassphrase: ")
                .contains("HINT: ")
                .doesNotContain("horse");
        assertThat(run.output()).isEmpty();
    }

    @Test
    void sealedIdentityWithoutItsKeyIsSaid() throws IOException {
        Run run = decrypt(List.of(), backup.keyAge());

        assertThat(run.exitCode()).isEqualTo(ExitCode.KEY_MISMATCH.number());
        assertThat(run.errors()).contains("key.age is itself encrypted").contains("HINT: ");
    }

    @Test
    void anotherKeyOpensNothing() throws IOException {
        Path other = directory.resolve("other.key");
        Files.writeString(other, X25519Identity.generate(new SecureRandom()).encoded());

        Run run = decrypt(List.of(), other);

        assertThat(run.exitCode()).isEqualTo(ExitCode.KEY_MISMATCH.number());
        assertThat(run.errors()).startsWith("NoMatchingKey: ");
        assertThat(run.output()).isEmpty();
    }

    @Test
    void fileThatIsNoIdentityIsRefused() throws IOException {
        Path other = Files.writeString(directory.resolve("other.key"), "AGE-SECRET-KEY-1NOTONE\n");

        Run run = decrypt(List.of(), other);

        assertThat(run.exitCode()).isEqualTo(ExitCode.KEY_MISMATCH.number());
        assertThat(run.errors()).startsWith("BadKey: ").doesNotContain("NOTONE");
    }

    @Test
    void flippedBitStopsBeforeTheBrokenChunk() throws IOException {
        StoredBackup.flipBit(backup.segment(1), 130_000);

        Run run = decrypt(List.of(), backup.instanceKey);

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.errors()).startsWith("BadChunk: ").contains("what was written is incomplete");
        assertThat(run.output()).isEqualTo(Arrays.copyOf(backup.app, run.output().length));
    }

    @Test
    void cutSegmentIsNotTakenForAWholeOne() throws IOException {
        Path last = backup.segment(backup.segments().size() - 1);
        byte[] content = Files.readAllBytes(last);
        Files.write(last, Arrays.copyOf(content, content.length / 2));

        Run run = decrypt(List.of(), backup.instanceKey);

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.output().length).isLessThan(backup.app.length);
    }

    @Test
    void dataAfterTheEndIsRefused() throws IOException {
        Path file = backup.segment(0);
        byte[] content = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(content, content.length + 1));

        assertThat(decrypt(List.of(), backup.instanceKey).exitCode()).isEqualTo(ExitCode.FAILED.number());
    }

    @Test
    void fileThatIsNotEncryptedIsRefused() throws IOException {
        Path plain = Files.writeString(directory.resolve("plain.sql"), "SELECT 1;\n");

        Run run = Run.of("decrypt", "--identity", backup.instanceKey.toString(), plain.toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.errors()).startsWith("NotAge: ");
        assertThat(run.output()).isEmpty();
    }

    @Test
    void contentThatIsNotCompressedNeedsRaw() {
        Run compressed = Run.of(
                "decrypt",
                "--identity",
                backup.masterKey.toString(),
                backup.keyAge().toString());
        Run raw = Run.of(
                "decrypt",
                "--raw",
                "--identity",
                backup.masterKey.toString(),
                backup.keyAge().toString());

        assertThat(compressed.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(compressed.errors()).startsWith("BadCompression: ").contains("HINT: --raw");
        assertThat(raw.exitCode()).isZero();
        assertThat(raw.text()).startsWith("AGE-SECRET-KEY-1");
    }

    @Test
    void rawOutputIsWhatTheZstdProgramReads() throws Exception {
        Run run = decrypt(List.of("--raw"), backup.instanceKey);
        Path compressed = Files.write(directory.resolve("app.zst"), run.output());

        Process zstd = new ProcessBuilder("zstd", "-d", "-q", "-c", compressed.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();

        assertThat(zstd.getInputStream().readAllBytes()).isEqualTo(backup.app);
        assertThat(zstd.waitFor()).isZero();
    }

    @Test
    void segmentThatIsGivenTwiceIsRefused() {
        List<String> twice = new ArrayList<>(backup.segments());
        twice.add(twice.getFirst());

        Run run = decrypt(twice, List.of(), backup.instanceKey);

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.errors()).startsWith("SegmentOrder: ").contains("segments.list");
        assertThat(run.output()).isEmpty();
    }

    @Test
    void missingFileIsNamed() {
        Run run = Run.of("decrypt", "--identity", backup.instanceKey.toString(), "/nowhere/a.zst.age");

        assertThat(run.exitCode()).isEqualTo(ExitCode.LOCAL_FILE.number());
        assertThat(run.errors()).contains("/nowhere/a.zst.age: no such file");
    }

    @Test
    void outputThatCannotBeWrittenFails() throws IOException {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        List<String> arguments = new ArrayList<>(List.of("decrypt", "--identity", backup.instanceKey.toString()));
        arguments.addAll(backup.segments());

        int exitCode = Holdfast.run(
                new Surroundings(
                        InputStream.nullInputStream(),
                        full,
                        new PrintStream(full, true, StandardCharsets.UTF_8),
                        new PrintStream(errors, true, StandardCharsets.UTF_8),
                        false,
                        false,
                        Map.of()),
                arguments.toArray(String[]::new));

        assertThat(exitCode).isEqualTo(ExitCode.LOCAL_FILE.number());
        assertThat(errors.toString(StandardCharsets.UTF_8)).startsWith("CannotWrite: ");
    }

    private Run decrypt(List<String> options, Path... identities) {
        return decrypt(backup.segments(), options, identities);
    }

    private static Run decrypt(List<String> inputs, List<String> options, Path... identities) {
        List<String> arguments = new ArrayList<>(List.of("decrypt"));
        for (Path identity : identities) {
            arguments.addAll(List.of("--identity", identity.toString()));
        }
        arguments.addAll(options);
        arguments.addAll(inputs);
        return Run.of(arguments.toArray(String[]::new));
    }
}
