package io.holdfast.cli;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.Recipient;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.instance.Custody;
import io.holdfast.format.instance.InstanceRecord;
import io.holdfast.format.instance.SignedInstanceRecord;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentListWriter;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.format.segment.SegmentWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
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
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A real backup in a folder that is laid out as a store, with all its keys as files. */
final class StoredBackup {
    static final String ID = "b-1";

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    final Path store;
    final Path instance;
    final Path folder;
    final Path masterKey;
    final Path recoveryKey;
    final Path instanceKey;
    final Path publicKey;

    /** Plaintext of the artifact {@code app}, which has more than two segments. */
    final byte[] app = new byte[5 * 1024 * 1024];

    /** Its segments, in their order. */
    final List<SegmentLine> lines = new ArrayList<>();

    private final SecureRandom random = new SecureRandom();
    private final X25519Identity master = X25519Identity.generate(random);
    private final X25519Identity recovery = X25519Identity.generate(random);
    private final X25519Identity own = X25519Identity.generate(random);
    private final SegmentSecret secret = SegmentSecret.random(random);
    private final KeyPair signing;
    private final List<Manifest.Artifact> artifacts = new ArrayList<>();

    StoredBackup(Path directory) throws Exception {
        new Random(42).nextBytes(app);
        store = directory.resolve("store");
        instance = store.resolve("v2/instances/pg1");
        folder = instance.resolve("backups").resolve(ID);
        masterKey = directory.resolve("master.key");
        recoveryKey = directory.resolve("recovery.key");
        instanceKey = directory.resolve("instance.key");
        publicKey = directory.resolve("signing.pub");
        Files.writeString(masterKey, "# a comment\n" + master.encoded() + "\n");
        Files.writeString(recoveryKey, recovery.encoded() + "\n");
        Files.writeString(instanceKey, own.encoded() + "\n");
        writeSealed(keyAge(), own.encoded() + "\n", master.recipient());
        signing = newSigningKey(publicKey);
        writeRecord(secret);
        try (SegmentWriter writer =
                new SegmentWriter(secret, List.of(own.recipient(), recovery.recipient()), 1, 1, 2, random)) {
            StoredSegments sink = new StoredSegments(instance, ID);
            artifact(writer, sink, "globals", "CREATE ROLE app;\n".getBytes(StandardCharsets.UTF_8));
            artifact(writer, sink, "app", app);
        }
        writeBackup(ID, 1, artifacts, List.copyOf(lines));
    }

    /** The instance's key as it is stored. */
    Path keyAge() {
        return instance.resolve("keys/1/key.age");
    }

    Path manifest() {
        return folder.resolve("manifest.json");
    }

    Path list() {
        return folder.resolve("segments.list");
    }

    /** A segment of the artifact {@code app}. */
    Path segment(int number) {
        return instance.resolve(path(number));
    }

    /** The same, as the list has it. */
    String path(int number) {
        return appLines().get(number).name().path();
    }

    /** All segments of {@code app} in their order, as arguments. */
    List<String> segments() {
        return appLines().stream()
                .map(line -> instance.resolve(line.name().path()).toString())
                .toList();
    }

    /** The object of the artifact {@code globals}. */
    Path globals() {
        return instance.resolve(lines.getFirst().name().path());
    }

    private List<SegmentLine> appLines() {
        return lines.subList(1, lines.size());
    }

    /** A later backup, which has nothing of its own: it uses what the first one has brought. */
    Path writeBorrower() throws IOException {
        writeBackup("b-2", 2, List.of(artifacts.getLast()), appLines());
        return instance.resolve("backups/b-2");
    }

    /** A backup of these lines, signed, whatever they are. */
    void writeBackup(String id, long sequence, List<Manifest.Artifact> of, List<SegmentLine> listed)
            throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        SegmentList list;
        try (SegmentListWriter out = new SegmentListWriter(
                file, "globals".length(), listed.getFirst().name().path().length())) {
            for (SegmentLine line : listed) {
                out.write(line);
            }
            list = out.end();
        }
        int first = listed.stream().mapToInt(line -> line.name().number()).min().orElseThrow();
        int last = listed.stream().mapToInt(line -> line.name().number()).max().orElseThrow();
        Manifest.Brought brought = new Manifest.Brought(
                ID,
                1,
                NOW,
                first == last ? "" + first : first + "-" + last,
                listed.stream().mapToLong(SegmentLine::bytes).sum());
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                "pg1",
                id,
                sequence,
                NOW,
                NOW.plusSeconds(5),
                "postgresql",
                "15.18",
                Manifest.Life.UNRECORDED,
                1,
                List.of(own.recipient().toString(), recovery.recipient().toString()),
                of,
                new Manifest.Segments(Cutter.NAME, list, List.of(brought)),
                Map.of("database.app.tables", 3L));
        Path target = instance.resolve("backups").resolve(id);
        Files.createDirectories(target);
        Files.write(target.resolve("segments.list"), file.toByteArray());
        Files.write(target.resolve("manifest.json"), SignedManifest.sign(manifest, signing));
    }

    List<Manifest.Artifact> artifacts() {
        return List.copyOf(artifacts);
    }

    /** The instance's record, with a segment secret that the master and the recovery identity open. */
    void writeRecord(SegmentSecret of) throws IOException {
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (OutputStream out = Age.encrypt(sealed, List.of(master.recipient(), recovery.recipient()), random)) {
            out.write(of.bytes());
        }
        InstanceRecord.Key key = new InstanceRecord.Key(
                1,
                own.recipient().toString(),
                NOW,
                null,
                null,
                Base64.getEncoder().encodeToString(sealed.toByteArray()),
                false);
        InstanceRecord record = new InstanceRecord(
                InstanceRecord.FORMAT,
                "pg1",
                1,
                1,
                "postgresql",
                null,
                NOW,
                null,
                false,
                Custody.MANAGED,
                2,
                List.of(key));
        Files.write(instance.resolve("instance.json"), SignedInstanceRecord.sign(record, signing));
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

    private void artifact(SegmentWriter writer, StoredSegments sink, String name, byte[] content)
            throws IOException, InterruptedException {
        SegmentSizes sizes = new SegmentSizes(SegmentSizes.SMALLEST_MEAN);
        sink.begin(name);
        long plaintextBytes = writer.write(new ByteArrayInputStream(content), sizes, sink)
                .await()
                .plaintextBytes();
        List<SegmentLine> written = sink.lines();
        lines.addAll(written);
        artifacts.add(new Manifest.Artifact(
                name,
                "database",
                name,
                plaintextBytes,
                written.stream().mapToLong(SegmentLine::bytes).sum(),
                sizes.mean(),
                written.size()));
    }
}
