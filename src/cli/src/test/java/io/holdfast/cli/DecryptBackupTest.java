package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.format.age.PassphraseRecipient;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code decrypt --backup}: an artifact by its manifest and list. */
class DecryptBackupTest {
    @TempDir
    private Path directory;

    private StoredBackup backup;

    @BeforeEach
    void makeBackup() throws Exception {
        backup = new StoredBackup(directory);
    }

    @Test
    void artifactIsWholeWithEachKeyThatOpensIt() {
        for (Path key : List.of(backup.instanceKey, backup.masterKey, backup.recoveryKey)) {
            Run run = decrypt(key, "--artifact", "app");

            assertThat(run.errors()).isEmpty();
            assertThat(run.exitCode()).isZero();
            assertThat(run.output()).isEqualTo(backup.app);
        }
    }

    @Test
    void passphraseOfTheInstanceIsEnough() throws IOException {
        Path sealed = backup.keyAge().resolveSibling("key.passphrase.age");
        backup.writeSealed(sealed, Files.readString(backup.instanceKey), new PassphraseRecipient("correct horse", 10));
        Path passphrase = Files.writeString(directory.resolve("passphrase"), "correct horse\n");

        Run run = Run.of(
                "decrypt",
                "--passphrase-file",
                passphrase.toString(),
                "--backup",
                backup.folder.toString(),
                "--artifact",
                "globals");

        assertThat(run.text()).as(run.errors()).isEqualTo("CREATE ROLE app;\n");
    }

    @Test
    void segmentsThatAnotherBackupBroughtAreFound() throws IOException {
        Path borrower = backup.writeBorrower();

        Run run = Run.of("decrypt", "--identity", backup.instanceKey.toString(), "--backup", borrower.toString());

        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(run.output()).isEqualTo(backup.app);
    }

    @Test
    void whichArtifactHasToBeSaidWhenThereAreSeveral() {
        for (Run run : List.of(decrypt(backup.instanceKey), decrypt(backup.instanceKey, "--artifact", "ap"))) {
            assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
            assertThat(run.errors()).startsWith("WhichArtifact: ").contains("globals, app");
            assertThat(run.output()).isEmpty();
        }
    }

    @Test
    void damagedSegmentEndsBeforeItsFirstByte() throws IOException {
        StoredBackup.flipBit(backup.segment(2), 1000);

        Run run = decrypt(backup.instanceKey, "--artifact", "app");

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.errors())
                .startsWith("BadSegment: ")
                .contains(backup.path(2))
                .contains("what was written is incomplete");
        assertThat(run.output()).isEqualTo(Arrays.copyOf(backup.app, run.output().length));
        assertThat(run.output().length).isPositive().isLessThan(backup.app.length);
    }

    @Test
    void missingSegmentIsNamed() throws IOException {
        Files.delete(backup.segment(1));

        Run run = decrypt(backup.recoveryKey, "--artifact", "app");

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.errors()).startsWith("BadSegment: ").contains(backup.path(1) + " is missing");
    }

    @Test
    void cutOrChangedListGivesNothing() throws IOException {
        byte[] list = Files.readAllBytes(backup.list());
        byte[] changed = list.clone();
        changed[20] = (byte) (changed[20] == 'a' ? 'b' : 'a');
        for (byte[] wrong : List.of(Arrays.copyOf(list, list.length / 2), changed)) {
            Files.write(backup.list(), wrong);

            Run run = decrypt(backup.instanceKey, "--artifact", "app");

            assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
            assertThat(run.errors()).startsWith("BadList: ");
            assertThat(run.output()).isEmpty();
        }
    }

    @Test
    void listInAnotherOrderThanTheManifestsArtifactsGivesNothing() throws IOException {
        List<SegmentLine> lines = new ArrayList<>(backup.lines);
        Collections.swap(lines, 0, 1);
        backup.writeBackup(StoredBackup.ID, 1, backup.artifacts(), lines);

        Run run = decrypt(backup.instanceKey, "--artifact", "app");

        assertThat(run.errors()).startsWith("BadList: ").contains("a line of app where the manifest has globals");
        assertThat(run.output()).isEmpty();
    }

    @Test
    void manifestOfAnotherSignerGivesNothing() throws Exception {
        Path other = directory.resolve("other.pub");
        StoredBackup.newSigningKey(other);

        Run refused = decrypt(backup.instanceKey, "--artifact", "app", "--public-key", other.toString());
        Run taken = decrypt(backup.instanceKey, "--artifact", "app", "--public-key", backup.publicKey.toString());

        assertThat(refused.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(refused.errors()).startsWith("BadManifest: ").contains("not trusted");
        assertThat(refused.output()).isEmpty();
        assertThat(taken.output()).isEqualTo(backup.app);
    }

    @Test
    void backupUnderAnotherNameGivesNothing() throws IOException {
        Path other = backup.folder.resolveSibling("b-9");
        Files.move(backup.folder, other, StandardCopyOption.ATOMIC_MOVE);

        Run run = Run.of(
                "decrypt",
                "--identity",
                backup.instanceKey.toString(),
                "--backup",
                other.toString(),
                "--artifact",
                "app");

        assertThat(run.errors()).startsWith("BadManifest: ").contains("of another backup: b-1");
    }

    /** Where the record is authentic and its secret opens, what a segment holds is compared with its fingerprint. */
    @Test
    void otherContentThanTheFingerprintSaysIsRefused() throws IOException {
        backup.writeRecord(SegmentSecret.random(new SecureRandom()));

        Run known = decrypt(backup.recoveryKey, "--artifact", "app", "--public-key", backup.publicKey.toString());
        Run unknown = decrypt(backup.instanceKey, "--artifact", "app", "--public-key", backup.publicKey.toString());

        assertThat(known.errors()).startsWith("BadSegment: ").contains("its fingerprint is not the one");
        assertThat(known.output()).isEmpty();
        assertThat(unknown.output()).isEqualTo(backup.app);
    }

    @Test
    void anotherKeyOpensNothing() throws IOException {
        Path other = directory.resolve("other.key");
        Files.writeString(other, X25519Identity.generate(new SecureRandom()).encoded());

        Run run = decrypt(other, "--artifact", "app");

        assertThat(run.exitCode()).isEqualTo(ExitCode.KEY_MISMATCH.number());
        assertThat(run.errors()).startsWith("NoMatchingKey: ");
        assertThat(run.output()).isEmpty();
    }

    private Run decrypt(Path identity, String... options) {
        List<String> arguments = new ArrayList<>(
                List.of("decrypt", "--identity", identity.toString(), "--backup", backup.folder.toString()));
        arguments.addAll(List.of(options));
        return Run.of(arguments.toArray(String[]::new));
    }
}
