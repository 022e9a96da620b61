package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.format.age.PassphraseRecipient;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    void soundStorePassesAllChecksWithTheMasterIdentity() throws IOException {
        backup.writeBorrower();

        Run run = verify(
                backup.store, "--public-key", backup.publicKey.toString(), "--identity", backup.masterKey.toString());

        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(run.text())
                .containsPattern("pg1 +b-1 +\\d+ +.* passed +passed +passed +passed +ok")
                .containsPattern("pg1 +b-2 +\\d+ +.* passed +passed +passed +passed +ok")
                .doesNotContain("NOTE")
                .contains("2 checked, 0 damaged.");
    }

    @Test
    void oneBackupsFolderIsCheckedByItself() throws IOException {
        backup.writeBorrower();

        Run run = verify(backup.folder, "--identity", backup.instanceKey.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.text())
                .contains("unchecked  passed  passed   unchecked     ok")
                .contains("1 checked");
    }

    /** As a catalogue backup is, which is in no instance's folder. */
    @Test
    void pathsAreBelowTheFolderItselfWhereItIsInNoInstance() throws IOException {
        Path copy = Files.createDirectories(directory.resolve("copy"));
        Files.copy(backup.manifest(), copy.resolve("manifest.json"));
        Files.copy(backup.list(), copy.resolve("segments.list"));
        Files.move(backup.instance.resolve("segments"), copy.resolve("segments"));

        Run run = verify(copy, "--identity", backup.instanceKey.toString());

        assertThat(run.exitCode()).as(run.text()).isZero();
        assertThat(run.text()).contains("unchecked  passed  passed   unchecked     ok");
    }

    @Test
    void withoutKeysOnlySizesAndHashesAreChecked() {
        Run run = verify(backup.store);

        assertThat(run.exitCode()).isZero();
        assertThat(run.text()).contains("unchecked  passed  unchecked  unchecked     ok");
    }

    @Test
    void recoveryIdentityReadsAllWithoutTheInstancesKey() throws IOException {
        Files.delete(backup.keyAge());

        Run run = verify(
                backup.store, "--public-key", backup.publicKey.toString(), "--identity", backup.recoveryKey.toString());

        assertThat(run.exitCode()).as(run.text()).isZero();
        assertThat(run.text()).containsPattern("passed +passed +passed +passed +ok");
    }

    @Test
    void fingerprintsAreNotCheckedWhereTheRecordIsNotAuthentic() throws IOException {
        Path record = backup.instance.resolve("instance.json");
        Files.writeString(record, Files.readString(record).replace("postgresql", "postgresqm"));

        Run run = verify(
                backup.store, "--public-key", backup.publicKey.toString(), "--identity", backup.masterKey.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.text()).containsPattern("passed +passed +passed +unchecked +ok");
    }

    @Test
    void otherContentThanTheFingerprintSaysIsDamage() throws IOException {
        backup.writeRecord(SegmentSecret.random(new SecureRandom()));

        Run run = verify(
                backup.store, "--public-key", backup.publicKey.toString(), "--identity", backup.masterKey.toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.text())
                .containsPattern("passed +passed +passed +failed +DAMAGED")
                .contains(backup.path(0) + ": it holds something else");
    }

    @Test
    void flippedBitIsFoundWithAndWithoutKey() throws IOException {
        StoredBackup.flipBit(backup.segment(1), 77_777);

        Run without = verify(backup.store);
        Run with = verify(backup.store, "--identity", backup.instanceKey.toString());

        for (Run run : List.of(without, with)) {
            assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
            assertThat(run.text())
                    .contains(backup.path(1) + ": its SHA-256 differs")
                    .contains("1 checked, 1 damaged.");
        }
    }

    @Test
    void missingAndCutSegmentsAreNamedInEachBackupThatUsesThem() throws IOException {
        backup.writeBorrower();
        Files.delete(backup.segment(0));
        byte[] content = Files.readAllBytes(backup.segment(1));
        Files.write(backup.segment(1), Arrays.copyOf(content, 1000));

        Run run = verify(backup.store, "--identity", backup.instanceKey.toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        for (String id : List.of("b-1", "b-2")) {
            assertThat(run.text())
                    .contains(id + ": " + backup.path(0) + ": is missing")
                    .contains(id + ": " + backup.path(1) + ": has 1000 bytes instead of");
        }
        assertThat(run.text()).contains("2 checked, 2 damaged.");
    }

    @Test
    void lengthenedSegmentIsFound() throws IOException {
        byte[] content = Files.readAllBytes(backup.segment(1));
        Files.write(backup.segment(1), Arrays.copyOf(content, content.length + 5));

        assertThat(verify(backup.store).text())
                .contains(backup.path(1) + ": has " + (content.length + 5) + " bytes instead of " + content.length);
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
    void missingCutAndChangedListsAreDamage() throws IOException {
        byte[] list = Files.readAllBytes(backup.list());
        byte[] changed = list.clone();
        changed[20] = (byte) (changed[20] == 'a' ? 'b' : 'a');
        Files.write(backup.list(), changed);
        assertThat(verify(backup.store).text()).contains("segments.list: its SHA-256 is not the one");
        Files.write(backup.list(), Arrays.copyOf(list, list.length - 7));
        assertThat(verify(backup.store).text()).contains("segments.list: it ends before its");
        Files.delete(backup.list());

        Run run = verify(backup.store, "--identity", backup.instanceKey.toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.text())
                .contains("segments.list: is missing")
                .contains("unchecked  failed  unchecked  unchecked     DAMAGED");
    }

    @Test
    void listThatSaysSomethingElseThanItsManifestIsDamage() throws IOException {
        List<SegmentLine> lines = new ArrayList<>(backup.lines);
        Collections.swap(lines, 0, 1);
        backup.writeBackup(StoredBackup.ID, 1, backup.artifacts(), lines);
        assertThat(verify(backup.store).text()).contains("it has a line of app where the manifest has globals");

        Manifest.Artifact app = backup.artifacts().getLast();
        Manifest.Artifact other = new Manifest.Artifact(
                app.name(),
                app.type(),
                app.source(),
                app.plaintextBytes() - 1,
                app.storedBytes() - 1,
                app.meanBytes(),
                app.segments());
        backup.writeBackup(StoredBackup.ID, 1, List.of(backup.artifacts().getFirst(), other), backup.lines);
        assertThat(verify(backup.store).text()).contains("and the manifest has " + other.storedBytes());
    }

    @Test
    void otherSizeOfAnArtifactIsDamage() throws IOException {
        Manifest.Artifact app = backup.artifacts().getLast();
        Manifest.Artifact other = new Manifest.Artifact(
                app.name(),
                app.type(),
                app.source(),
                app.plaintextBytes() - 1,
                app.storedBytes(),
                app.meanBytes(),
                app.segments());
        backup.writeBackup(StoredBackup.ID, 1, List.of(backup.artifacts().getFirst(), other), backup.lines);

        Run run = verify(backup.store, "--identity", backup.instanceKey.toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.text()).contains("app: holds 5242880 bytes instead of 5242879");
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
        Path other = backup.store.resolve("v2/instances/pg2");
        Files.move(backup.instance, other, StandardCopyOption.ATOMIC_MOVE);

        Run run = verify(backup.store);

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.text()).contains("the manifest is that of another instance: pg1");
    }

    @Test
    void segmentsThatNoBackupUsesAreToldAndAreNoDamage() throws IOException {
        Path brought = backup.instance.resolve("segments/b-1");
        Files.writeString(brought.resolve("000002-000000000.zst.age"), "of another attempt");
        Path failed = Files.createDirectories(backup.instance.resolve("segments/b-0"));
        Files.writeString(failed.resolve("000001-000000000.zst.age"), "xy");
        Files.writeString(failed.resolve("000001-000000001.zst.age"), "z");

        Run run = verify(backup.store);

        assertThat(run.exitCode()).isZero();
        assertThat(run.text())
                .contains("segments/b-1: no backup here uses 1 file (18 bytes)")
                .contains("segments/b-0: no backup here uses 2 files (3 bytes)")
                .contains("1 checked, 0 damaged.");
    }

    @Test
    void nothingIsCalledGarbageBesideManifestThatCannotBeBelieved() throws IOException {
        backup.writeBorrower();
        Files.writeString(backup.manifest(), "{}");

        assertThat(verify(backup.store).text())
                .contains("segments/b-1: not looked through for garbage")
                .doesNotContain("no backup here uses");
    }

    @Test
    void folderWithoutManifestIsNoBackupButIsMentioned() throws IOException {
        Path unfinished = backup.instance.resolve("backups/b-2");
        Files.createDirectories(unfinished);
        Files.copy(backup.list(), unfinished.resolve("segments.list"));

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
        assertThat(opened.text()).contains("unchecked  passed  passed   unchecked     ok");
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
        assertThat(found.get(0).get("fingerprints").asString()).isEqualTo("unchecked");
        assertThat(found.get(0).get("segments").asInt()).isEqualTo(backup.lines.size());
        assertThat(found.get(0).get("problems").get(0).asString()).startsWith(backup.path(0) + ": ");
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
