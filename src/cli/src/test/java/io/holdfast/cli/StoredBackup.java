package io.holdfast.cli;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.Recipient;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.artifact.ArtifactSummary;
import io.holdfast.format.artifact.ArtifactWriter;
import io.holdfast.format.artifact.Settings;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A real backup in a folder that is laid out as a store, with all its keys as files. */
final class StoredBackup {
    private static final int SEGMENT_BYTES = 2 * 1024 * 1024;
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    final Path store;
    final Path instance;
    final Path folder;
    final Path masterKey;
    final Path instanceKey;
    final Path publicKey;

    /** Plaintext of the artifact {@code app}, which has more than one segment. */
    final byte[] app = new byte[5 * 1024 * 1024];

    private final SecureRandom random = new SecureRandom();

    StoredBackup(Path directory) throws Exception {
        new Random(42).nextBytes(app);
        store = directory.resolve("store");
        instance = store.resolve("v1/instances/pg1");
        folder = instance.resolve("backups/b-1");
        masterKey = directory.resolve("master.key");
        instanceKey = directory.resolve("instance.key");
        publicKey = directory.resolve("signing.pub");
        X25519Identity master = X25519Identity.generate(random);
        X25519Identity own = X25519Identity.generate(random);
        Files.writeString(masterKey, "# a comment\n" + master.encoded() + "\n");
        Files.writeString(instanceKey, own.encoded() + "\n");
        writeSealed(keyAge(), own.encoded() + "\n", master.recipient());
        KeyPair signing = newSigningKey(publicKey);
        write(own, signing);
    }

    /** The instance's key as it is stored. */
    Path keyAge() {
        return instance.resolve("keys/1/key.age");
    }

    /** A segment of the artifact {@code app}. */
    Path segment(int number) {
        return folder.resolve(Manifest.objectName("app", number));
    }

    /** All segments of {@code app} in their order, as arguments. */
    List<String> segments() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(Path::toString)
                    .filter(name -> name.contains("/app."))
                    .sorted()
                    .toList();
        }
    }

    /** Encrypts a text to a recipient. */
    void writeSealed(Path file, String text, Recipient recipient) throws IOException {
        Files.createDirectories(file.getParent());
        try (OutputStream out = Age.encrypt(Files.newOutputStream(file), List.of(recipient), random)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Turns one bit of a file over. */
    static void flipBit(Path file, long position) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[(int) position] ^= 1;
        Files.write(file, content);
    }

    /** A new Ed25519 key, whose public half is written to a file. */
    static KeyPair newSigningKey(Path file) throws IOException, GeneralSecurityException {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        String base64 = Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded());
        Files.writeString(file, "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n");
        return pair;
    }

    private void write(X25519Identity own, KeyPair signing) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                "pg1",
                "b-1",
                1,
                NOW,
                NOW.plusSeconds(5),
                "postgresql",
                "15.18",
                Manifest.Life.UNRECORDED,
                1,
                List.of(own.recipient().toString()),
                List.of(
                        artifact(own, "globals", "CREATE ROLE app;\n".getBytes(StandardCharsets.UTF_8)),
                        artifact(own, "app", app)),
                Map.of("database.app.tables", 3L));
        Files.write(folder.resolve("manifest.json"), SignedManifest.sign(manifest, signing));
    }

    private Manifest.Artifact artifact(X25519Identity own, String name, byte[] content)
            throws IOException, InterruptedException {
        ArtifactSummary summary = new ArtifactWriter(
                        List.of(own.recipient()), new Settings(1, 1, SEGMENT_BYTES), random)
                .write(
                        new ByteArrayInputStream(content),
                        number -> Files.newOutputStream(folder.resolve(Manifest.objectName(name, number))));
        return new Manifest.Artifact(
                name,
                "database",
                name,
                summary.plaintextBytes(),
                summary.segments().stream()
                        .map(segment -> new Manifest.Segment(segment.bytes(), segment.sha256()))
                        .toList());
    }
}
