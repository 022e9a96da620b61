package io.holdfast.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.artifact.ArtifactSummary;
import io.holdfast.format.artifact.ArtifactWriter;
import io.holdfast.format.artifact.Settings;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of docs/format.md, as they stand there, on a backup. */
class HandReadingTest {
    private static final Pattern COMMANDS = Pattern.compile("```\n(.*?)```", Pattern.DOTALL);

    private final byte[] plaintext = new byte[5_000_000];

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void writeBackup() throws Exception {
        new Random(7).nextBytes(plaintext);
        X25519Identity identity = X25519Identity.generate(new SecureRandom());
        ArtifactSummary written = new ArtifactWriter(
                        List.of(identity.recipient()), new Settings(1, 1, 2 * 1024 * 1024), new SecureRandom())
                .write(
                        new ByteArrayInputStream(plaintext),
                        segment -> Files.newOutputStream(folder.resolve(Manifest.objectName("app", segment))));
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                "instance",
                "backup",
                1,
                Instant.EPOCH,
                Instant.EPOCH,
                "command",
                null,
                Manifest.Life.UNRECORDED,
                1,
                List.of(identity.recipient().toString()),
                List.of(new Manifest.Artifact(
                        "app",
                        "stream",
                        "a command",
                        written.plaintextBytes(),
                        written.segments().stream()
                                .map(segment -> new Manifest.Segment(segment.bytes(), segment.sha256()))
                                .toList())),
                Map.of());
        KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Files.write(folder.resolve("manifest.json"), SignedManifest.sign(manifest, keys));
        Files.writeString(folder.resolve("identity.txt"), identity.encoded() + "\n");
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
    void commandsOfTheDocumentFindChangedManifest() throws Exception {
        Path manifest = folder.resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"sequence\":1", "\"sequence\":2"));
        assertThatThrownBy(this::runCommands).hasMessageContaining("Signature Verification Failure");
    }

    @Test
    void commandsOfTheDocumentFindCutSegment() throws Exception {
        Path segment = folder.resolve("app.00001.zst.age");
        byte[] content = Files.readAllBytes(segment);
        Files.write(segment, Arrays.copyOf(content, content.length - 1));
        assertThatThrownBy(this::runCommands).hasMessageContaining("app.00001.zst.age: FAILED");
    }

    /** The first three blocks of the last chapter: signature, hashes, reading. */
    private void runCommands() throws IOException, InterruptedException {
        String document =
                Files.readString(Path.of(System.getProperty("holdfast.root", "../.."), "docs", "format.md"), UTF_8);
        String chapter = document.substring(document.indexOf("## Reading a backup by hand"));
        List<String> blocks = COMMANDS.matcher(chapter)
                .results()
                .map((MatchResult block) -> block.group(1))
                .limit(3)
                .toList();
        assertThat(blocks).hasSize(3);
        Path script = Files.writeString(
                folder.resolve("script"),
                "set -euo pipefail\nexec 2>&1\ncd '" + folder + "'\n" + String.join("", blocks));
        Path output = folder.resolve("output");
        try {
            Programs.run(script, output, "bash");
        } catch (AssertionError e) {
            throw new AssertionError(Files.readString(output), e);
        }
    }
}
