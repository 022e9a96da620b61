package io.holdfast.format.segment;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.X25519Identity;
import java.io.ByteArrayInputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever somebody does to objects or list, each is refused with an error of its own. */
class CorruptSegmentsTest {
    private final byte[] plaintext = new byte[5_000_000]; // at least five segments
    private final StoredSegments stored;

    CorruptSegmentsTest() throws Exception {
        new Random(5).nextBytes(plaintext);
        stored = new StoredSegments(plaintext);
        assertThat(stored.lines).hasSizeGreaterThan(3);
    }

    @Test
    void missingOrEmptySegmentIsRefused() {
        stored.objects.remove(path(1));
        assertSegmentRefused(
                "it has 0 bytes and should have " + stored.lines.get(1).bytes());
    }

    @Test
    void cutSegmentIsRefused() {
        byte[] whole = object(1);
        stored.objects.put(path(1), Arrays.copyOf(whole, whole.length - 1));
        assertSegmentRefused("it has " + (whole.length - 1) + " bytes");
    }

    @Test
    void lengthenedSegmentIsRefused() {
        stored.objects.put(path(1), Arrays.copyOf(object(1), object(1).length + 1));
        assertSegmentRefused("and should have " + stored.lines.get(1).bytes());
    }

    @Test
    void flippedBitIsRefused() {
        for (int place : new int[] {0, 100, 300, object(1).length - 1}) {
            byte[] changed = object(1).clone();
            changed[place] ^= 1;
            stored.objects.put(path(1), changed);
            assertSegmentRefused("its SHA-256 is not the one it should have");
        }
    }

    @Test
    void segmentOfAnotherBackupIsRefused() throws Exception {
        stored.objects.put(path(1), new StoredSegments(plaintext).objects.get(path(1)));
        assertThatExceptionOfType(CorruptSegmentException.class).isThrownBy(() -> stored.read(stored.listFile));
    }

    /** The right hash and another content: what whoever makes lists could do, and whoever opens must notice. */
    @Test
    void falseSegmentIsRefused() throws Exception {
        byte[] other = new byte[100_000];
        SealedSegment room = new SealedSegment(new SegmentSizes(SegmentSizes.SMALLEST_MEAN));
        try (SegmentSealer sealer = new SegmentSealer(List.of(stored.identity.recipient()), 1, new SecureRandom())) {
            sealer.seal(other, other.length, room);
        }
        SegmentLine honest = stored.lines.getFirst();
        SegmentLine forged =
                new SegmentLine("app", honest.fingerprint(), room.bytes(), room.sha256(), room.key(), honest.name());
        assertThatExceptionOfType(CorruptSegmentException.class)
                .isThrownBy(() -> new SegmentOpener(stored.secret)
                        .open(
                                room.buffer(),
                                room.bytes(),
                                forged,
                                stored.identity.open(forged.key()),
                                new byte[SegmentSizes.LARGEST_SEGMENT]))
                .withMessageContaining("its fingerprint is not the one it should have");
    }

    @Test
    void keyOfAnotherSegmentIsRefused() {
        SegmentLine line = stored.lines.getFirst();
        assertThatExceptionOfType(CorruptSegmentException.class)
                .isThrownBy(() -> new SegmentOpener(stored.secret)
                        .open(
                                object(0),
                                object(0).length,
                                line,
                                stored.identity.open(stored.lines.get(1).key()),
                                new byte[SegmentSizes.LARGEST_SEGMENT]))
                .withMessageContaining("the header is not authentic");
    }

    @Test
    void wrappedKeyOpensForNobodyElse() {
        assertThatExceptionOfType(AgeException.class)
                .isThrownBy(() -> X25519Identity.generate(new SecureRandom())
                        .open(stored.lines.getFirst().key()))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(AgeException.Kind.NO_MATCHING_KEY));
    }

    @Test
    void listThatIsCutAnywhereIsRefused() {
        int line = stored.list.lineBytes();
        for (int length : new int[] {0, 1, line - 1, line, line + 1, stored.listFile.length - 1}) {
            assertListRefused(Arrays.copyOf(stored.listFile, length), "it ends before its");
        }
    }

    @Test
    void lengthenedListIsRefused() {
        assertListRefused(Arrays.copyOf(stored.listFile, stored.listFile.length + 1), "it is longer than");
    }

    @Test
    void listWithAnotherEndIsRefused() {
        byte[] changed = stored.listFile.clone();
        changed[changed.length - 2] = (byte) (changed[changed.length - 2] == '1' ? '2' : '1');
        assertListRefused(changed, "its last line is not end " + stored.list.lines());
    }

    @Test
    void listWithSwappedLinesIsRefused() {
        int line = stored.list.lineBytes();
        byte[] changed = stored.listFile.clone();
        System.arraycopy(stored.listFile, 0, changed, line, line);
        System.arraycopy(stored.listFile, line, changed, 0, line);
        assertListRefused(changed, "its SHA-256 is not the one that the manifest has");
    }

    @Test
    void lineWithoutItsEndIsRefused() {
        byte[] changed = stored.listFile.clone();
        changed[stored.list.lineBytes() - 1] = ' ';
        assertListRefused(changed, "a line does not end where it should");
        changed = stored.listFile.clone();
        changed[10] = '\n';
        assertListRefused(changed, "a line does not end where it should");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "APP %F 0000001 %S %K %P|the artifact's name",
                "app %Fz 0000001 %S %K %P|a fingerprint has 64",
                "app %F 1 %S %K %P|the size has not 7 digits",
                "app %F 0000000 %S %K %P|the size is not 1 to",
                "app %F 9999999 %S %K %P|the size is not 1 to",
                "app %F 0000001 abc %K %P|the SHA-256 is not",
                "app %F 0000001 %S a b %P|base64",
                "app %F 0000001 %S YQ YQ %P|32 bytes each",
                "app %F 0000001 %S %K ../../etc/passwd|not a segment's path",
                "app %F 0000001 %S %K segments/../x/000001-000000000.zst.age|not a segment's path",
                "app %F 0000001 %S %K segments/b/000000-000000000.zst.age|a segment's attempt is not",
                "app %F 0000001 %S %K|6 columns",
                "app %F 0000001 %S %K %P x|8 columns",
                "|1 columns"
            })
    void lineThatIsNotOneIsRefused(String sample) {
        SegmentLine real = stored.lines.getFirst();
        String[] parts = sample.split("\\|", 2);
        String line = parts[0].replace("%Fz", real.fingerprint().hex().substring(1) + "z")
                        .replace("%F", real.fingerprint().hex())
                        .replace("%S", real.sha256())
                        .replace("%K", real.key().toString())
                        .replace("%P", real.name().path())
                + "\n";
        assertThatExceptionOfType(CorruptListException.class)
                .isThrownBy(() -> SegmentList.parse(line.getBytes(US_ASCII)))
                .withMessageContaining(parts[1]);
    }

    @Test
    void whatAManifestSaysOfAListIsChecked() {
        SegmentList list = stored.list;
        assertThatIllegalArgumentException().isThrownBy(() -> new SegmentList(0, list.lineBytes(), 6, list.sha256()));
        assertThatIllegalArgumentException().isThrownBy(() -> new SegmentList(1, 10, 16, list.sha256()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SegmentList(list.lines(), 100_000, list.lines() * 100_000 + 6, list.sha256()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SegmentList(list.lines(), list.lineBytes(), list.bytes() + 1, list.sha256()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SegmentList(list.lines(), list.lineBytes(), list.bytes(), "00"));
    }

    private void assertSegmentRefused(String reason) {
        assertThatExceptionOfType(CorruptSegmentException.class)
                .isThrownBy(() -> stored.read(stored.listFile))
                .withMessageContaining(reason);
    }

    private void assertListRefused(byte[] file, String reason) {
        assertThatExceptionOfType(CorruptListException.class)
                .isThrownBy(() -> {
                    SegmentListReader reader = new SegmentListReader(new ByteArrayInputStream(file), stored.list);
                    while (reader.next() != null) {}
                })
                .withMessageContaining(reason);
    }

    private String path(int line) {
        return stored.lines.get(line).name().path();
    }

    private byte[] object(int line) {
        return stored.objects.getOrDefault(path(line), new byte[0]);
    }
}
