package io.holdfast.format.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.X25519Identity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CorruptArtifactTest {
    private static final Settings SETTINGS = new Settings(1, 2, 2 * 1024 * 1024);

    private final byte[] plaintext = new byte[5_000_000];
    private final StoredArtifact stored;

    CorruptArtifactTest() throws Exception {
        new Random(5).nextBytes(plaintext);
        stored = new StoredArtifact(plaintext, SETTINGS);
        assertThat(stored.objects).hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void swappedSegmentsAreRefused() throws Exception {
        List<byte[]> objects = new ArrayList<>(stored.objects);
        Collections.swap(objects, 0, 1);
        assertRefused(objects, "segment 0");
    }

    @Test
    void repeatedSegmentIsRefused() throws Exception {
        List<byte[]> objects = new ArrayList<>(stored.objects);
        objects.set(1, objects.getFirst());
        assertRefused(objects, "segment 1");
    }

    @Test
    void segmentOfAnotherArtifactIsRefused() throws Exception {
        List<byte[]> objects = new ArrayList<>(stored.objects);
        objects.set(1, new StoredArtifact(plaintext, SETTINGS).objects.get(1));
        assertRefused(objects, "segment 1");
    }

    @Test
    void segmentsAsSealedButInAnotherOrderThanTheManifestAreRefused() throws Exception {
        List<SegmentSource> sources = new ArrayList<>(stored.sources(stored.objects));
        List<SegmentSource> mixed = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            mixed.add(new Relabelled(sources.get(sources.size() - 1 - i), sources.get(i)));
        }
        assertRefusedSources(mixed, "segment 0");
    }

    @Test
    void cutSegmentIsRefusedWhereverItIsCut() throws Exception {
        byte[] last = stored.objects.getLast();
        for (int length : new int[] {0, 1, 100, 183, 199, 200, 65_752, 65_753, last.length / 2, last.length - 1}) {
            List<byte[]> objects = new ArrayList<>(stored.objects);
            objects.set(objects.size() - 1, Arrays.copyOf(last, length));
            assertRefused(objects, "segment " + (objects.size() - 1));
        }
    }

    @Test
    void lengthenedSegmentIsRefused() throws Exception {
        for (int i = 0; i < stored.objects.size(); i++) {
            List<byte[]> objects = new ArrayList<>(stored.objects);
            objects.set(i, Arrays.copyOf(objects.get(i), objects.get(i).length + 1));
            assertRefused(objects, "segment " + i);
        }
    }

    @Test
    void flippedBitAnywhereIsRefused() throws Exception {
        StoredArtifact small = new StoredArtifact(new byte[100], SETTINGS);
        byte[] object = small.objects.getFirst();
        for (int i = 0; i < object.length; i++) {
            byte[] flipped = object.clone();
            flipped[i] ^= (byte) (1 << (i % 8));
            assertThat(read(small.sources(List.of(flipped))))
                    .as("bit flipped in byte %d", i)
                    .isEmpty();
        }
        Random random = new Random(1);
        for (int i = 0; i < 20; i++) {
            int segment = random.nextInt(stored.objects.size());
            byte[] flipped = stored.objects.get(segment).clone();
            flipped[random.nextInt(flipped.length)] ^= 0x10;
            List<byte[]> objects = new ArrayList<>(stored.objects);
            objects.set(segment, flipped);
            assertRefused(objects, "segment " + segment);
        }
    }

    /** Bad memory, or a mistake in the compressor: what was encrypted, hashed and stored is sound in itself, and wrong. */
    @Test
    void dl06_bitFlippedBetweenCompressionAndEncryptionIsRefused() throws Exception {
        byte[] text = "row 1, row 2, row 3; ".repeat(20).getBytes(StandardCharsets.US_ASCII);
        StoredArtifact small = new StoredArtifact(text, SETTINGS);
        byte[] frames = Age.decrypt(new ByteArrayInputStream(small.objects.getFirst()), List.of(small.identity))
                .readAllBytes();
        try (InputStream in = ArtifactReader.open(List.of(sealed(frames, small.identity)))) {
            assertThat(in.readAllBytes()).isEqualTo(text);
        }
        int refused = 0;
        for (int i = 0; i < frames.length * 8; i++) {
            byte[] flipped = frames.clone();
            flipped[i / 8] ^= (byte) (1 << (i % 8));
            try (InputStream in = ArtifactReader.open(List.of(sealed(flipped, small.identity)))) {
                // A few bits of a frame mean nothing: then the content is the same.
                assertThat(in.readAllBytes()).as("bit %d flipped", i).isEqualTo(text);
            } catch (CorruptArtifactException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(frames.length * 8 * 9 / 10);
    }

    /** A segment of these frames, encrypted as always, of which the manifest says what it is. */
    private static SegmentSource sealed(byte[] frames, X25519Identity identity) throws Exception {
        ByteArrayOutputStream object = new ByteArrayOutputStream();
        try (OutputStream out = Age.encrypt(object, List.of(identity.recipient()), new SecureRandom())) {
            out.write(frames);
        }
        byte[] bytes = object.toByteArray();
        FileKey key = Age.fileKey(new ByteArrayInputStream(bytes), List.of(identity));
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        return StoredArtifact.source(bytes, key, new SegmentSummary(bytes.length, sha256));
    }

    @Test
    void segmentThatIsAuthenticButNotTheOneOfTheManifestIsRefused() throws Exception {
        SegmentSource sound = stored.sources(stored.objects).getLast();
        List<SegmentSource> sources = new ArrayList<>(stored.sources(stored.objects));
        sources.set(sources.size() - 1, new Relabelled(sound, sound.bytes(), "00".repeat(32)));
        assertRefusedSources(sources, "SHA-256");
        sources.set(sources.size() - 1, new Relabelled(sound, sound.bytes() + 1, sound.sha256()));
        assertRefusedSources(sources, "bytes");
        sources.set(sources.size() - 1, new Relabelled(sound, sound.bytes() - 1, sound.sha256()));
        assertRefusedSources(sources, "longer");
    }

    @Test
    void readAfterTheFailureFailsAgain() throws Exception {
        List<byte[]> objects = new ArrayList<>(stored.objects);
        objects.set(1, Arrays.copyOf(objects.get(1), 1000));
        try (InputStream in = ArtifactReader.open(stored.sources(objects))) {
            assertThatThrownBy(() -> in.transferTo(OutputStream.nullOutputStream()))
                    .isInstanceOf(CorruptArtifactException.class);
            assertThatThrownBy(in::read).isInstanceOf(CorruptArtifactException.class);
            assertThatThrownBy(() -> in.read(new byte[10])).isInstanceOf(CorruptArtifactException.class);
        }
    }

    @Test
    void causeTellsWhatIsWrong() throws Exception {
        List<byte[]> objects = new ArrayList<>(stored.objects);
        objects.set(0, objects.get(1));
        assertThatThrownBy(() -> ArtifactReader.open(stored.sources(objects)).read())
                .isInstanceOf(CorruptArtifactException.class)
                .hasMessage(
                        "segment 0: the header is not authentic: it was changed, or the key is that of another file")
                .hasCauseInstanceOf(AgeException.class);
    }

    @Test
    void unreadableSourceIsNotCalledCorrupt() throws Exception {
        SegmentSource sound = stored.sources(stored.objects).getFirst();
        SegmentSource failing = new Relabelled(sound, sound.bytes(), sound.sha256()) {
            @Override
            public InputStream open() throws IOException {
                throw new IOException("connection reset");
            }
        };
        assertThatThrownBy(() -> ArtifactReader.open(List.of(failing)).read())
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("connection reset");
    }

    @Test
    void artifactWithoutSegmentsIsRefused() {
        assertThatThrownBy(() -> ArtifactReader.open(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    private void assertRefused(List<byte[]> objects, String message) throws Exception {
        assertRefusedSources(stored.sources(objects), message);
    }

    private void assertRefusedSources(List<SegmentSource> sources, String message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThatThrownBy(() -> ArtifactReader.open(sources).transferTo(out))
                .isInstanceOf(CorruptArtifactException.class)
                .hasMessageContaining(message);
        assertThat(out.toByteArray()).isEqualTo(Arrays.copyOf(plaintext, out.size()));
    }

    /** What a reader gives out before it fails, which it must. */
    private static byte[] read(List<SegmentSource> sources) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThatThrownBy(() -> ArtifactReader.open(sources).transferTo(out))
                .isInstanceOf(CorruptArtifactException.class);
        return out.toByteArray();
    }
}
