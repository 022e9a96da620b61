package io.holdfast.format.segment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.Programs;
import io.holdfast.format.age.Age;
import io.holdfast.format.instance.Custody;
import io.holdfast.format.instance.InstanceRecord;
import io.holdfast.format.instance.SignedInstanceRecord;
import io.holdfast.format.manifest.SignedManifest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of docs/format.md, as they are written there, on a backup: they read it, and damage ends with an error. */
class HandReadingTest {
    private static final Pattern COMMANDS = Pattern.compile("```\n(.*?)```", Pattern.DOTALL);

    private final byte[] plaintext = new byte[5_000_000];
    private final KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();

    /** The instance's folder. */
    @TempDir
    private Path folder = Path.of("");

    private StoredSegments stored;

    HandReadingTest() throws Exception {
        new Random(7).nextBytes(plaintext);
        stored = new StoredSegments(plaintext);
    }

    @BeforeEach
    void writeBackup() throws Exception {
        for (var object : stored.objects.entrySet()) {
            Path file = folder.resolve(object.getKey());
            Files.createDirectories(file.getParent());
            Files.write(file, object.getValue());
        }
        Files.createDirectories(manifest().getParent());
        Files.write(list(), stored.listFile);
        Files.write(manifest(), SignedManifest.sign(stored.manifest(plaintext.length), keys));
        writeRecord(stored.secret);
        Files.writeString(folder.resolve("identity.txt"), stored.identity.encoded() + "\n");
        Files.writeString(
                folder.resolve("manager.pem"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getEncoder().encodeToString(keys.getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
    }

    @Test
    void commandsOfTheDocumentReadBackup() throws Exception {
        runCommands();
        assertThat(Files.readAllBytes(folder.resolve("app"))).isEqualTo(plaintext);
    }

    @Test
    void changedManifestEndsWithAnError() throws Exception {
        Files.writeString(manifest(), Files.readString(manifest()).replace("\"sequence\":1", "\"sequence\":2"));
        assertThatThrownBy(this::runCommands).hasMessageContaining("Signature Verification Failure");
    }

    @Test
    void manifestOfAnotherBackupEndsWithAnError() throws Exception {
        Path other = folder.resolve("backups/other");
        Files.move(folder.resolve("backups").resolve(StoredSegments.BACKUP), other);
        assertThatThrownBy(() -> run("other", blocks().getFirst()))
                .hasMessageContaining("Signature Verified Successfully");
    }

    @Test
    void changedListEndsWithAnError() throws Exception {
        byte[] changed = stored.listFile.clone();
        int line = stored.list.lineBytes();
        System.arraycopy(stored.listFile, 0, changed, line, line);
        Files.write(list(), changed);
        assertThatThrownBy(this::runCommands).hasMessageContaining("segments.list: FAILED");
    }

    @Test
    void cutListEndsWithAnError() throws Exception {
        Files.write(list(), Arrays.copyOf(stored.listFile, 2 * stored.list.lineBytes()));
        assertThatThrownBy(this::runCommands).hasMessageContaining("segments.list: FAILED");
    }

    @Test
    void damagedSegmentInTheMiddleEndsWithAnError() throws Exception {
        damageMiddle();
        assertThatThrownBy(this::runCommands).hasMessageContaining(middle() + ": FAILED");
    }

    @Test
    void missingSegmentInTheMiddleEndsWithAnError() throws Exception {
        Files.delete(folder.resolve(middle()));
        assertThatThrownBy(this::runCommands).hasMessageContaining(middle() + ": No such file");
    }

    /** Somebody who does not look at the hashes first gets an error too, not a shorter artifact. */
    @Test
    void damageIsNoticedThoughNobodyLookedAtHashes() throws Exception {
        damageMiddle();
        assertThatThrownBy(this::readOnly).hasMessageContaining("failed to decrypt and authenticate payload chunk");
        Files.delete(folder.resolve(middle()));
        assertThatThrownBy(this::readOnly).hasMessageContaining(middle() + ": no such file");
        Files.write(list(), Arrays.copyOf(stored.listFile, stored.list.lineBytes()));
        assertThatThrownBy(this::readOnly).isInstanceOf(AssertionError.class);
    }

    @Test
    void otherContentThanTheFingerprintSaysEndsWithAnError() throws Exception {
        writeRecord(SegmentSecret.random(new SecureRandom()));
        assertThatThrownBy(this::runCommands).hasMessageContaining("holds something else");
    }

    private Path manifest() {
        return folder.resolve("backups").resolve(StoredSegments.BACKUP).resolve("manifest.json");
    }

    private Path list() {
        return manifest().resolveSibling("segments.list");
    }

    private String middle() {
        return stored.lines.get(stored.lines.size() / 2).name().path();
    }

    private void damageMiddle() throws IOException {
        byte[] object = Files.readAllBytes(folder.resolve(middle()));
        object[object.length / 2] ^= 1;
        Files.write(folder.resolve(middle()), object);
    }

    private void writeRecord(SegmentSecret secret) throws IOException {
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (OutputStream out = Age.encrypt(sealed, List.of(stored.identity.recipient()), new SecureRandom())) {
            out.write(secret.bytes());
        }
        InstanceRecord.Key key = new InstanceRecord.Key(
                1,
                stored.identity.recipient().toString(),
                Instant.EPOCH,
                null,
                null,
                Base64.getEncoder().encodeToString(sealed.toByteArray()),
                false);
        InstanceRecord record = new InstanceRecord(
                InstanceRecord.FORMAT,
                "instance",
                1,
                1,
                "command",
                null,
                Instant.EPOCH,
                null,
                false,
                Custody.MANAGED,
                2,
                List.of(key));
        Files.write(folder.resolve("instance.json"), SignedInstanceRecord.sign(record, keys));
    }

    /** The blocks of the chapter but the one that opens the instance's own identity, which needs what is not here. */
    private static List<String> blocks() throws IOException {
        String document =
                Files.readString(Path.of(System.getProperty("holdfast.root", "../.."), "docs", "format.md"), UTF_8);
        String chapter = document.substring(document.indexOf("## Reading a backup by hand"));
        List<String> blocks = COMMANDS.matcher(chapter)
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
        assertThat(blocks).hasSize(5);
        return List.of(blocks.get(0), blocks.get(1), blocks.get(2), blocks.get(4));
    }

    private void runCommands() throws IOException, InterruptedException {
        run(StoredSegments.BACKUP, String.join("", blocks()));
    }

    /** Reading alone, without the checks before. */
    private void readOnly() throws IOException, InterruptedException {
        run(
                StoredSegments.BACKUP,
                "set -euo pipefail\nlist=backups/$BACKUP/segments.list\n"
                        + "head -c -188 \"backups/$BACKUP/manifest.json\" | tail -c +13 > content\n"
                        + blocks().get(2));
    }

    private void run(String backup, String commands) throws IOException, InterruptedException {
        Path script = Files.writeString(
                folder.resolve("script"), "exec 2>&1\ncd '" + folder + "'\nBACKUP=" + backup + "\n" + commands);
        Path output = folder.resolve("output");
        try {
            Programs.run(script, output, "bash");
        } catch (AssertionError e) {
            throw new AssertionError(Files.readString(output), e);
        }
    }
}
