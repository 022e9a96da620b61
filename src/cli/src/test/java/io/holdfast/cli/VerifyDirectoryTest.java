package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.format.age.PassphraseRecipient;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class VerifyDirectoryTest {
    @TempDir
    private Path directory;

    private StoredBackup backup;

    @BeforeEach
    void makeBackup() throws Exception {
        backup = new StoredBackup(directory);
    }

    @Test
    void soundStorePassesAllChecksWithTheMasterIdentity() {
        Run run = verify(
                backup.store, "--public-key", backup.publicKey.toString(), "--identity", backup.masterKey.toString());

        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(run.text())
                .containsPattern("pg1 +b-1 +\\d+ +.* passed +passed +passed +ok")
                .contains("1 checked, 0 damaged.");
    }

    @Test
    void oneBackupsFolderIsCheckedByItself() throws IOException {
        Path copy = directory.resolve("copy");
        Files.createDirectories(copy);
        try (var files = Files.list(backup.folder)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }

        Run run = verify(copy, "--identity", backup.instanceKey.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.text()).contains("unchecked  passed  passed   ok");
    }

    @Test
    void withoutKeysOnlySizesAndHashesAreChecked() {
        Run run = verify(backup.store);

        assertThat(run.exitCode()).isZero();
        assertThat(run.text()).contains("unchecked  passed  unchecked  ok");
    }

    @Test
    void flippedBitIsFoundWithAndWithoutKey() throws IOException {
        StoredBackup.flipBit(backup.segment(1), 777_777);

        Run without = verify(backup.store);
        Run with = verify(backup.store, "--identity", backup.instanceKey.toString());

        for (Run run : List.of(without, with)) {
            assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
            assertThat(run.text())
                    .contains("app.00001.zst.age: its SHA-256 differs")
                    .contains("1 checked, 1 damaged.");
        }
    }

    @Test
    void missingAndCutSegmentsAreNamed() throws IOException {
        Files.delete(backup.segment(0));
        byte[] content = Files.readAllBytes(backup.segment(1));
        Files.write(backup.segment(1), Arrays.copyOf(content, 1000));

        Run run = verify(backup.store, "--identity", backup.instanceKey.toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.text())
                .contains("app.00000.zst.age: is missing")
                .contains("app.00001.zst.age: has 1000 bytes instead of");
    }

    @Test
    void swappedSegmentsAreFound() throws IOException {
        Path aside = backup.folder.resolve("aside");
        Files.move(backup.segment(0), aside);
        Files.move(backup.segment(1), backup.segment(0));
        Files.move(aside, backup.segment(1));

        assertThat(verify(backup.store, "--identity", backup.instanceKey.toString())
                        .exitCode())
                .isEqualTo(ExitCode.FAILED.number());
    }

    @Test
    void changedManifestDoesNotPassItsSignature() throws IOException {
        Path manifest = backup.folder.resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"15.18\"", "\"15.19\""));

        Run run = verify(backup.store, "--public-key", backup.publicKey.toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.text()).contains("signature does not fit").contains("DAMAGED");
    }

    @Test
    void manifestOfAnotherSignerIsRefused() throws Exception {
        Path other = directory.resolve("other.pub");
        StoredBackup.newSigningKey(other);

        Run run = verify(backup.store, "--public-key", other.toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.text()).contains("not trusted");
    }

    @Test
    void brokenManifestIsDamage() throws IOException {
        Files.writeString(backup.folder.resolve("manifest.json"), "{}");

        Run run = verify(backup.store);

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.text()).contains("manifest.json: not a manifest");
    }

    @Test
    void backupUnderAnotherInstancesNameIsRefused() throws IOException {
        Path other = backup.store.resolve("v1/instances/pg2");
        Files.move(backup.instance, other, StandardCopyOption.ATOMIC_MOVE);

        Run run = verify(backup.store);

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.text()).contains("the manifest is that of another instance: pg1");
    }

    @Test
    void segmentThatTheManifestDoesNotKnowIsNamed() throws IOException {
        Files.writeString(backup.folder.resolve("more.00000.zst.age"), "x");

        assertThat(verify(backup.store).text()).contains("more.00000.zst.age: the manifest does not know this file");
    }

    @Test
    void folderWithoutManifestIsNoBackupButIsMentioned() throws IOException {
        Path unfinished = backup.instance.resolve("backups/b-2");
        Files.createDirectories(unfinished);
        Files.writeString(unfinished.resolve("app.00000.zst.age"), "x");

        Run run = verify(backup.store);

        assertThat(run.exitCode()).isZero();
        assertThat(run.text())
                .contains("b-2: has no manifest, so it is not a backup")
                .contains("1 checked");
    }

    @Test
    void folderWithoutAnyBackupIsNoGoodResult() throws IOException {
        Path empty = Files.createDirectories(directory.resolve("empty"));

        Run run = verify(empty);

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.errors()).startsWith("NoBackup: ");
    }

    @Test
    void folderThatIsNotThereIsNamed() {
        Run run = verify(directory.resolve("nowhere"));

        assertThat(run.exitCode()).isEqualTo(ExitCode.LOCAL_FILE.number());
        assertThat(run.errors()).contains("nowhere: no such file or directory");
    }

    @Test
    void theEncryptionKeyOpensTheKeyInTheStore() throws IOException {
        Path sealed = backup.keyAge().resolveSibling("key.passphrase.age");
        backup.writeSealed(sealed, Files.readString(backup.instanceKey), new PassphraseRecipient("correct horse", 10));
        Path right = Files.writeString(directory.resolve("right"), "correct horse\n");
        Path wrong = Files.writeString(directory.resolve("wrong"), "wrong horse\n");

        Run opened = verify(backup.store, "--passphrase-file", right.toString());
        Run refused = verify(backup.store, "--passphrase-file", wrong.toString());

        assertThat(opened.exitCode()).as(opened.errors()).isZero();
        assertThat(opened.text()).contains("unchecked  passed  passed   ok");
        assertThat(refused.exitCode()).isEqualTo(ExitCode.KEY_MISMATCH.number());
        assertThat(refused.text()).contains("NO KEY").contains("1 checked, 0 damaged.");
    }

    @Test
    void wrongKeyIsNotTakenForDamage() throws IOException {
        Path other = directory.resolve("other.key");
        Files.writeString(other, X25519Identity.generate(new SecureRandom()).encoded());

        Run run = verify(backup.store, "--identity", other.toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.KEY_MISMATCH.number());
        assertThat(run.text()).contains("NO KEY").contains("1 checked, 0 damaged.");
    }

    @Test
    void jsonHoldsEachFinding() throws IOException {
        StoredBackup.flipBit(backup.segment(0), 5000);

        Run run = verify(backup.store, "--json");

        JsonNode found = Json.mapper().readTree(run.output());
        assertThat(found.size()).isEqualTo(1);
        assertThat(found.get(0).get("instance_id").asString()).isEqualTo("pg1");
        assertThat(found.get(0).get("sound").asBoolean()).isFalse();
        assertThat(found.get(0).get("problems").get(0).asString()).startsWith("app.00000.zst.age: ");
    }

    @Test
    void keyThatIsNotForSigningIsRefused() throws IOException {
        Path key = Files.writeString(directory.resolve("not.pub"), "nothing in here", StandardCharsets.US_ASCII);

        assertThat(verify(backup.store, "--public-key", key.toString()).exitCode())
                .isEqualTo(ExitCode.LOCAL_FILE.number());
    }

    private static Run verify(Path folder, String... options) {
        List<String> arguments = new ArrayList<>(List.of("verify", "--directory", folder.toString()));
        arguments.addAll(List.of(options));
        return Run.of(arguments.toArray(String[]::new));
    }
}
