package io.holdfast.format.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.signed.SignedFile;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.format.signed.SignedFileException.Kind;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignedManifestTest {
    private static final KeyPair KEYS = keys();
    private static final Manifest MANIFEST = manifest();
    private static final byte[] FILE = SignedManifest.sign(MANIFEST, KEYS);

    @Test
    void whatIsSignedReadsBack() throws Exception {
        SignedManifest read = SignedManifest.parse(FILE);
        assertThat(read.manifest()).isEqualTo(MANIFEST);
        assertThat(read.isSignedBy(KEYS.getPublic())).isTrue();
        assertThat(read.isSignedBy(keys().getPublic())).isFalse();
        read.requireSignedBy(List.of(keys().getPublic(), KEYS.getPublic()));
    }

    @Test
    void manifestWithoutEngineVersionReadsBack() throws Exception {
        Manifest plain = new Manifest(
                Manifest.FORMAT,
                "i",
                "b",
                0,
                Instant.EPOCH,
                Instant.EPOCH,
                "directory",
                null,
                Manifest.Life.UNRECORDED,
                1,
                MANIFEST.recipients(),
                MANIFEST.artifacts(),
                MANIFEST.segments(),
                Map.of());
        byte[] file = SignedManifest.sign(plain, KEYS);
        assertThat(SignedManifest.parse(file).manifest()).isEqualTo(plain);
        assertThat(new String(file, UTF_8)).doesNotContain("engine_version");
    }

    @Test
    void sameManifestGivesTheSameBytes() {
        assertThat(SignedManifest.sign(manifest(), KEYS)).hasSameSizeAs(FILE);
        assertThat(SignedManifest.sign(MANIFEST, KEYS)).isEqualTo(FILE);
    }

    @Test
    void layoutIsTheOneThatIsSpecified() {
        assertThat(new String(FILE, UTF_8))
                .startsWith("{\"manifest\":{\"format\":\"holdfast/2\",\"instance_id\":\"3f0c6a1e-instance\",")
                .contains("\"started_at\":\"2026-11-22T23:00:00.123Z\"")
                .contains(
                        "\"plaintext_bytes\":123456,\"stored_bytes\":1100,\"mean_bytes\":524288,\"segments\":3}],"
                                + "\"segments\":{\"cutter\":\"gear/1\",\"list\":{\"lines\":3,\"line_bytes\":287,\"bytes\":867,\"sha256\":\"0f0f")
                .contains("\"brought\":[{\"backup_id\":\"20261121T230000Z-0\",\"attempt\":2,"
                        + "\"made_at\":\"2026-11-22T00:10:00Z\",\"numbers\":\"3-4\",\"bytes\":1007},")
                .contains("}},\"signature\":{\"key\":\"" + SignedFile.fingerprint(KEYS.getPublic()))
                .endsWith("==\"}}\n");
    }

    @Test
    void flippedBitAnywhereIsRefused() {
        for (int i = 0; i < FILE.length; i++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] flipped = FILE.clone();
                flipped[i] ^= (byte) (1 << bit);
                assertThatThrownBy(() -> SignedManifest.parse(flipped).requireSignedBy(List.of(KEYS.getPublic())))
                        .as("bit %d of byte %d", bit, i)
                        .isInstanceOf(SignedFileException.class);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"instance_id\":\"3f0c6a1e-instance\"|\"instance_id\":\"3f0c6a1f-instance\"",
                "\"backup_id\":\"20261122T230000Z-1\"|\"backup_id\":\"20261121T230000Z-1\"",
                "\"sequence\":17|\"sequence\":18",
                "\"started_at\":\"2026-11-22T23|\"started_at\":\"2026-11-22T22",
                "\"finished_at\":\"2026-11-22T23|\"finished_at\":\"2026-11-23T23",
                "\"service\":\"postgresql\"|\"service\":\"mariadb\"",
                "\"engine_version\":\"15.8\"|\"engine_version\":\"15.9\"",
                "\"key_version\":1|\"key_version\":2",
                "\"name\":\"db-0001\"|\"name\":\"db-0002\"",
                "\"type\":\"pg_dump\"|\"type\":\"pg_dumq\"",
                "\"plaintext_bytes\":123456|\"plaintext_bytes\":123457",
                "\"stored_bytes\":1100|\"stored_bytes\":1101",
                "\"mean_bytes\":524288|\"mean_bytes\":1048576",
                "\"sha256\":\"0f|\"sha256\":\"1f",
                "\"backup_id\":\"20261121T230000Z-0\"|\"backup_id\":\"20261120T230000Z-0\"",
                "\"attempt\":2|\"attempt\":3",
                "\"made_at\":\"2026-11-22|\"made_at\":\"2026-11-23",
                "\"numbers\":\"3-4\"|\"numbers\":\"3,5\"",
                "\"bytes\":1007|\"bytes\":1008",
                "\"rows\":12|\"rows\":13",
                "\"recipients\":[\"age1|\"recipients\":[\"age1q"
            })
    void changedFieldIsRefused(String from, String to) {
        String text = new String(FILE, UTF_8);
        assertThat(text).contains(from);
        assertRefused(
                Kind.BAD_SIGNATURE,
                () -> SignedManifest.parse(text.replace(from, to).getBytes(UTF_8))
                        .requireSignedBy(List.of(KEYS.getPublic())));
    }

    @Test
    void signatureOfAnotherManifestIsRefused() {
        KeyPair others = keys();
        byte[] forged = SignedManifest.sign(MANIFEST, others);
        assertRefused(
                Kind.UNKNOWN_SIGNER, () -> SignedManifest.parse(forged).requireSignedBy(List.of(KEYS.getPublic())));
        String renamed = new String(forged, UTF_8)
                .replace(SignedFile.fingerprint(others.getPublic()), SignedFile.fingerprint(KEYS.getPublic()));
        assertRefused(
                Kind.BAD_SIGNATURE,
                () -> SignedManifest.parse(renamed.getBytes(UTF_8)).requireSignedBy(List.of(KEYS.getPublic())));
    }

    @Test
    void keysThatAreNotPairAreRefused() {
        assertThatThrownBy(() -> SignedManifest.sign(MANIFEST, new KeyPair(keys().getPublic(), keys().getPrivate())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void fileCutAnywhereIsRefused() {
        for (int length = 0; length < FILE.length; length++) {
            byte[] cut = Arrays.copyOf(FILE, length);
            assertRefused(Kind.BAD_LAYOUT, () -> SignedManifest.parse(cut));
        }
    }

    @Test
    void otherLayoutsOfTheSameJsonAreRefused() {
        String text = new String(FILE, UTF_8);
        for (String other : List.of(
                " " + text,
                text + "\n",
                text.stripTrailing(),
                text.replace("{\"manifest\":", "{ \"manifest\":"),
                text.replace("\"signature\":", "\"signature\": "),
                text.replace(",\"signature\":", ",\"extra\":1,\"signature\":"))) {
            assertThatThrownBy(() -> SignedManifest.parse(other.getBytes(UTF_8)))
                    .isInstanceOf(SignedFileException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "{}",
                "17",
                "{\"format\":\"holdfast/2\"}",
                "{\"format\":\"holdfast/2\",\"format\":\"holdfast/2\"}",
                "{\"unknown\":1}"
            })
    void contentOfOtherShapesIsRefused(String content) {
        String text = new String(FILE, UTF_8);
        String end = text.substring(text.indexOf(",\"signature\""));
        assertRefused(Kind.BAD_CONTENT, () -> SignedManifest.parse(("{\"manifest\":" + content + end).getBytes(UTF_8)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "holdfast/2|holdfast/1",
                "holdfast/2|holdfast/3",
                "\"sequence\":17|\"sequence\":-1",
                "\"sequence\":17|\"sequence\":\"17\"",
                "\"sequence\":17|\"sequence\":17,\"sequence\":18",
                "\"instance_id\":\"3|\"instance_id\":\"../3",
                "\"backup_id\":\"20261122T230000Z-1\",\"sequence|\"backup_id\":\"/2\",\"sequence",
                "\"name\":\"db-0001\"|\"name\":\"../db\"",
                "\"name\":\"db-0001\"|\"name\":\"Db\"",
                "\"plaintext_bytes\":123456|\"plaintext_bytes\":-1",
                "\"plaintext_bytes\":123456|\"plaintext_bytes\":3145729",
                "\"stored_bytes\":1100|\"stored_bytes\":2",
                "\"stored_bytes\":1100|\"stored_bytes\":9223372036854775807",
                "\"mean_bytes\":524288,|",
                "\"mean_bytes\":524288|\"mean_bytes\":524289",
                "\"mean_bytes\":524288|\"mean_bytes\":262144",
                "\"mean_bytes\":524288|\"mean_bytes\":4194304",
                "\"segments\":3}|\"segments\":2}",
                "\"segments\":3}|\"segments\":4}",
                "\"segments\":3}|\"segments\":0}",
                "\"segments\":3}|\"segments\":9223372036854775807}",
                "\"segments\":3}]|\"segments\":3},{\"name\":\"b\",\"type\":\"t\",\"source\":\"\",\"plaintext_bytes\":1,\"stored_bytes\":9223372036854775807,\"mean_bytes\":524288,\"segments\":9223372036854775807}]",
                "\"segments\":3}|\"segments\":[]}",
                "\"cutter\":\"gear/1\"|\"cutter\":\"gear/2\"",
                "\"cutter\":\"gear/1\",|",
                "\"lines\":3|\"lines\":2",
                "\"lines\":3|\"lines\":-3",
                "\"lines\":3|\"lines\":9223372036854775807",
                "\"line_bytes\":287|\"line_bytes\":286",
                "\"line_bytes\":287|\"line_bytes\":2870",
                "\"bytes\":867|\"bytes\":866",
                "\"bytes\":867,|",
                "\"sha256\":\"0f|\"sha256\":\"0F",
                "\"sha256\":\"0f|\"sha256\":\"",
                "\"backup_id\":\"20261121T230000Z-0\"|\"backup_id\":\"a/b\"",
                "\"attempt\":2|\"attempt\":0",
                "\"attempt\":2|\"attempt\":1000000",
                "\"made_at\":\"2026-11-22T00:10:00Z\",|",
                "\"made_at\":\"2026-11-22T00:10:00Z\"|\"made_at\":\"today\"",
                "\"numbers\":\"3-4\"|\"numbers\":\"\"",
                "\"numbers\":\"3-4\"|\"numbers\":\"4-3\"",
                "\"numbers\":\"3-4\"|\"numbers\":\"3,4\"",
                "\"numbers\":\"3-4\"|\"numbers\":\"03-4\"",
                "\"numbers\":\"3-4\"|\"numbers\":\"3-1000000000\"",
                "\"numbers\":\"3-4\"|\"numbers\":\"3-5\"",
                "\"numbers\":\"3-4\"|\"numbers\":[3,4]",
                "\"bytes\":1007|\"bytes\":1",
                "\"bytes\":1007|\"bytes\":9223372036854775807",
                "\"backup_id\":\"20261121T230000Z-0\",\"attempt\":2|\"backup_id\":\"20261122T230000Z-1\",\"attempt\":1",
                "\"finished_at\":\"2026|\"finished_at\":\"2025",
                "\"rows\":12|\"rows\":-1"
            })
    void contentOutOfBoundsIsRefused(String from, @Nullable String to) {
        String text = new String(FILE, UTF_8);
        assertThat(text).contains(from);
        assertRefused(
                Kind.BAD_CONTENT,
                () -> SignedManifest.parse(
                        text.replace(from, to == null ? "" : to).getBytes(UTF_8)));
    }

    @Test
    void fieldsOfLaterVersionsArePassedOver() throws Exception {
        String later = new String(FILE, UTF_8).replace("\"sequence\":17", "\"sequence\":17,\"extra\":{\"a\":[18]}");
        assertThat(SignedManifest.parse(later.getBytes(UTF_8)).manifest()).isEqualTo(MANIFEST);
        for (String inside : List.of("{\"name\":", "{\"cutter\":", "{\"lines\":", "{\"backup_id\":")) {
            String other = new String(FILE, UTF_8).replace(inside, "{\"extra\":1," + inside.substring(1));
            assertRefused(Kind.BAD_CONTENT, () -> SignedManifest.parse(other.getBytes(UTF_8)));
        }
    }

    @Test
    void notesAreInTheFileOnlyWhereThereAreSome() throws Exception {
        assertThat(new String(FILE, UTF_8)).doesNotContain("\"notes\"");
        String noted =
                new String(FILE, UTF_8).replace("\"sequence\":17", "\"sequence\":17,\"notes\":[\"one\",\"two\"]");
        Manifest manifest = SignedManifest.parse(noted.getBytes(UTF_8)).manifest();
        assertThat(manifest.notes()).containsExactly("one", "two");
        byte[] signed = SignedManifest.sign(manifest, KEYS);
        assertThat(SignedManifest.parse(signed).manifest()).isEqualTo(manifest);
        for (String wrong : List.of("\"one\"", "[17]", "[null]", "[\"" + "x".repeat(1025) + "\"]")) {
            assertRefused(
                    Kind.BAD_CONTENT,
                    () -> SignedManifest.parse(
                            noted.replace("[\"one\",\"two\"]", wrong).getBytes(UTF_8)));
        }
    }

    @Test
    void artifactNamesAreUnique() {
        Manifest.Artifact artifact = MANIFEST.artifacts().getFirst();
        assertThatThrownBy(() -> new Manifest(
                        Manifest.FORMAT,
                        "i",
                        "b",
                        0,
                        Instant.EPOCH,
                        Instant.EPOCH,
                        "directory",
                        null,
                        Manifest.Life.UNRECORDED,
                        1,
                        MANIFEST.recipients(),
                        List.of(artifact, artifact),
                        segments(2 * artifact.segments()),
                        Map.of()))
                .hasMessageContaining("twice");
    }

    @Test
    void sizeIsThatOfAllObjectsThatAreUsed() {
        assertThat(MANIFEST.storedBytes()).isEqualTo(1007 + 93);
    }

    private static void assertRefused(Kind kind, ThrowingCallable reading) {
        assertThatThrownBy(reading)
                .isInstanceOfSatisfying(
                        SignedFileException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private static KeyPair keys() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static Manifest manifest() {
        return new Manifest(
                Manifest.FORMAT,
                "3f0c6a1e-instance",
                "20261122T230000Z-1",
                17,
                Instant.parse("2026-11-22T23:00:00.123Z"),
                Instant.parse("2026-11-22T23:10:00Z"),
                "postgresql",
                "15.8",
                Manifest.Life.UNRECORDED,
                1,
                List.of(X25519Identity.generate(new SecureRandom()).recipient().toString()),
                List.of(new Manifest.Artifact("db-0001", "pg_dump", "na\"me 🐘", 123_456, 1100, 524_288, 3)),
                segments(3),
                Map.of("rows", 12L, "tables", 3L));
    }

    /** Two that an earlier backup brought, and one that this one did. */
    private static Manifest.Segments segments(long lines) {
        return new Manifest.Segments(
                Cutter.NAME,
                new SegmentList(lines, 287, lines * 287 + 6, "0f".repeat(32)),
                List.of(
                        new Manifest.Brought(
                                "20261121T230000Z-0", 2, Instant.parse("2026-11-22T00:10:00Z"), "3-4", 1007),
                        new Manifest.Brought("20261122T230000Z-1", 1, Instant.parse("2026-11-22T23:10:00Z"), "0", 93)));
    }
}
