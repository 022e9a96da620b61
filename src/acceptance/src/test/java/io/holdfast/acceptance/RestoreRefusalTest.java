package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** DL-20: a backup that is not what it was, or whose key is not there, is refused, and live data stays as it is. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestoreRefusalTest {
    private static final String MINE = "shop-1";
    private static final String OTHER = "shop-2";
    /** An age file's payload is a nonce and chunks, each with its tag. */
    private static final int CHUNK = 64 * 1024 + 16;

    private static final int NONCE = 16;

    private final Landscape landscape = new Landscape();
    private final PostgresCluster cluster = PostgresCluster.start();
    private final ManagerDatabase database = new ManagerDatabase(landscape);
    private final Api api = landscape.api();
    private long backup;
    private long older;
    private String live = "";

    @BeforeAll
    void makeBackups() {
        cluster.psql("postgres", "CREATE DATABASE app");
        cluster.psql("app", "CREATE TABLE t AS SELECT i, md5(i::text) AS v FROM generate_series(1, 20000) i");
        // Data that cannot be compressed: the largest segment has several chunks, wherever it is cut.
        cluster.psql(
                "app",
                "SELECT lo_from_bytea(0, string_agg(sha256(i::text::bytea), '' ORDER BY i))"
                        + " FROM generate_series(1, 50000) i");
        landscape.serve();
        landscape.startAgent(MINE, cluster);
        landscape.startAgent(OTHER, cluster);
        landscape.awaitAgent(MINE);
        landscape.awaitAgent(OTHER);
        older = made(MINE);
        // Else what is damaged would be read from the older one.
        cluster.psql(
                "app",
                "UPDATE t SET v = md5(v); SELECT lo_put(oid, 0, (SELECT string_agg(sha256((-i)::text::bytea), ''"
                        + " ORDER BY i) FROM generate_series(1, 50000) i)) FROM pg_largeobject_metadata");
        backup = made(MINE);
        made(OTHER);
        // Damage that is found orders a backup; here it would only take time.
        assertThat(api.send("PUT", "/instances/" + MINE, "{\"exclude_from_auto_backup\": true}")
                        .status())
                .isEqualTo(200);
        cluster.psql("app", "UPDATE t SET v = 'new' WHERE i % 3 = 0");
        live = cluster.dumpAll();
    }

    @AfterAll
    void stop() {
        landscape.close();
        cluster.close();
    }

    private long made(String instance) {
        JsonNode made = api.awaitBackup(instance, api.startFreshBackup(instance));
        assertThat(made.path("status").asString())
                .as(() -> made + landscape.logs())
                .isEqualTo("done");
        return made.get("id").longValue();
    }

    @Test
    void dl20_keyOfAnotherInstanceDoesNotOpenIt() {
        String mine = "(SELECT id FROM instance WHERE instance_id = '" + MINE + "')";
        String other = "(SELECT id FROM instance WHERE instance_id = '" + OTHER + "')";
        database.execute(
                "CREATE TABLE kept_key AS SELECT instance, recipient, wrapped FROM key_version",
                // No two may have one recipient.
                "UPDATE key_version SET recipient = recipient || 'x'",
                "UPDATE key_version SET (recipient, wrapped) ="
                        + " (SELECT recipient, wrapped FROM kept_key WHERE instance = " + other
                        + ") WHERE instance = " + mine);
        try {
            assertRefused("KEY_MISMATCH");
        } finally {
            database.execute(
                    "UPDATE key_version SET (recipient, wrapped) = (SELECT recipient, wrapped FROM kept_key"
                            + " WHERE kept_key.instance = key_version.instance)",
                    "DROP TABLE kept_key");
        }
    }

    @Test
    void dl20_anotherMasterIdentityDoesNotOpenIt() throws IOException {
        Path masterFile = landscape.folder().resolve("master.key");
        String kept = Files.readString(masterFile);
        Files.writeString(
                masterFile, X25519Identity.generate(new SecureRandom()).encoded() + "\n");
        landscape.stopServing();
        landscape.serve();
        try {
            assertThat(assertRefused("KEY_MISMATCH").get("message").asString()).contains("master key");
        } finally {
            Files.writeString(masterFile, kept);
            landscape.stopServing();
            landscape.serve();
        }
    }

    @Test
    void dl20_flippedByteInAStanzaIsDamageAndNotAWrongKey() {
        // The instance's own stanza is the first: its body stands on the third line.
        assertRefusedWhenChanged(content -> flip(content, thirdLine(content) + 10), "CORRUPT");
    }

    @Test
    void dl20_flippedByteInTheHeadersMacIsDamage() {
        assertRefusedWhenChanged(content -> flip(content, indexOf(content, "\n--- ") + 10), "CORRUPT");
    }

    @Test
    void dl20_flippedByteInTheMiddleIsDamage() {
        assertRefusedWhenChanged(content -> flip(content, content.length / 2), "CORRUPT");
    }

    @Test
    void dl20_truncatedLastChunkIsDamage() {
        assertRefusedWhenChanged(content -> Arrays.copyOf(content, content.length - 100), "CORRUPT");
    }

    @Test
    void dl20_missingLastChunkIsDamage() {
        assertRefusedWhenChanged(
                content -> {
                    int payload = position(content, '\n', indexOf(content, "\n--- ") + 1) + 1 + NONCE;
                    int lastChunk = (content.length - payload - 1) % CHUNK + 1;
                    assertThat(content.length - payload).isGreaterThan(CHUNK);
                    return Arrays.copyOf(content, content.length - lastChunk);
                },
                "CORRUPT");
    }

    @Test
    void dl20_missingSegmentIsDamage() throws IOException {
        Path file = segment(MINE);
        Path aside = landscape.folder().resolve("aside");
        Files.move(file, aside);
        try {
            assertRefused("CORRUPT");
            awaitVerification("failed");
        } finally {
            Files.move(aside, file);
        }
        verify();
    }

    @Test
    void dl20_segmentOfAnotherInstanceIsDamage() {
        byte[] foreign = read(segment(OTHER));
        assertRefusedWhenChanged(content -> foreign, "CORRUPT");
    }

    @Test
    void dl20_segmentOfAnOlderBackupIsDamage() {
        byte[] old = read(segment(MINE, older));
        assertRefusedWhenChanged(content -> old, "CORRUPT");
    }

    @Test
    void dl20_manifestOfAnotherInstanceIsSaidToBe() {
        byte[] foreign = read(landscape.stored("instances/" + OTHER + "/backups/").stream()
                .filter(file -> file.endsWith("manifest.json"))
                .findFirst()
                .orElseThrow());
        assertRefusedWhenManifestIs(foreign, "WRONG_INSTANCE");
    }

    @Test
    void dl20_manifestOfAnOlderBackupIsDamage() {
        assertRefusedWhenManifestIs(read(folder(older).resolve("manifest.json")), "CORRUPT");
    }

    @Test
    void dl20_editedManifestIsDamage() {
        String manifest = new String(read(folder(backup).resolve("manifest.json")), StandardCharsets.UTF_8);
        String edited = manifest.replaceFirst("\"sequence\":[0-9]+", "\"sequence\":9999");
        assertThat(edited).isNotEqualTo(manifest);
        assertRefusedWhenManifestIs(edited.getBytes(StandardCharsets.UTF_8), "CORRUPT");
    }

    private void assertRefusedWhenManifestIs(byte[] other, String code) {
        assertRefusedWhenChanged(folder(backup).resolve("manifest.json"), content -> other, code);
    }

    private void assertRefusedWhenChanged(Change change, String code) {
        assertRefusedWhenChanged(segment(MINE), change, code);
    }

    private void assertRefusedWhenChanged(Path file, Change change, String code) {
        byte[] content = read(file);
        write(file, change.of(content.clone()));
        try {
            assertRefused(code);
            awaitVerification("failed");
        } finally {
            write(file, content);
        }
        verify();
    }

    /** The manager looks itself at a backup of which a restore has said that it is damaged. */
    private JsonNode awaitVerification(String state) {
        return api.await(
                "/instances/" + MINE + "/backups/" + backup,
                each -> each.path("verification").path("state").asString("").equals(state));
    }

    /** Once it is whole again. */
    private void verify() {
        assertThat(api.post("/instances/" + MINE + "/backups/" + backup + "/verify")
                        .status())
                .isEqualTo(202);
        assertThat(awaitVerification("passed").get("state").asString()).isEqualTo("verified");
    }

    /** A restore fails for this reason, at the first attempt, and leaves everything as it was. */
    private JsonNode assertRefused(String code) {
        landscape.awaitAgent(MINE);
        JsonNode restore = api.awaitRestore(MINE, api.startRestore(MINE, backup));
        assertThat(restore.path("status").asString())
                .as(() -> restore + landscape.logs())
                .isEqualTo("failed");
        assertThat(restore.path("reason").path("code").asString())
                .as(() -> restore + landscape.logs())
                .isEqualTo(code);
        assertThat(restore.path("reason").path("hint").asString(""))
                .as(restore.toString())
                .isNotBlank();
        assertThat(restore.path("live_data").asString()).as(restore.toString()).isEqualTo("untouched");
        assertThat(restore.path("attempts").intValue()).as(restore.toString()).isEqualTo(1);
        assertThat(cluster.dumpAll()).isEqualTo(live);
        // When the manager refuses, it answers before the agent has cleaned up.
        Eventually.within(
                Duration.ofSeconds(20),
                () -> "a staged database is left: " + stagedDatabases() + landscape.logs(),
                () -> stagedDatabases().isEmpty());
        return restore.get("reason");
    }

    private String stagedDatabases() {
        return cluster.psql("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'holdfast%'");
    }

    private Path folder(long number) {
        String name = api.backup(MINE, number).get("backup_id").asString();
        return landscape.storeFolder().resolve("v2/instances/" + MINE + "/backups/" + name);
    }

    private Path segment(String instance) {
        return instance.equals(MINE) ? segment(MINE, backup) : largest(landscape.stored("instances/" + instance));
    }

    private Path segment(String instance, long number) {
        return largest(landscape.stored(instance + "/segments/"
                + api.backup(instance, number).get("backup_id").asString()));
    }

    private static Path largest(List<Path> files) {
        return files.stream()
                .filter(file -> file.toString().endsWith(".zst.age"))
                .max(Comparator.comparingLong(file -> file.toFile().length()))
                .orElseThrow();
    }

    private static byte[] flip(byte[] content, int at) {
        // A letter becomes another one: base64 stays base64.
        int bit = content[at] >= 'A' && content[at] < 'Z' ? 0x20 : 0x01;
        content[at] = (byte) (content[at] ^ bit);
        return content;
    }

    /** Where a byte comes next. */
    private static int position(byte[] content, int wanted, int from) {
        for (int i = from; i < content.length; i++) {
            if (content[i] == wanted) {
                return i;
            }
        }
        throw new AssertionError("not there");
    }

    private static int thirdLine(byte[] content) {
        return position(content, '\n', position(content, '\n', 0) + 1) + 1;
    }

    private static int indexOf(byte[] content, String text) {
        return new String(content, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void write(Path file, byte[] content) {
        try {
            Files.write(file, content);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What happens to a file. */
    private interface Change {
        byte[] of(byte[] content);
    }
}
