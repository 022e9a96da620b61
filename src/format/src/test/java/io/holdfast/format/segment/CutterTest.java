package io.holdfast.format.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CutterTest {
    private static final SegmentSizes SMALL = new SegmentSizes(SegmentSizes.SMALLEST_MEAN);

    /** One and the same in every run: where cuts fall is chance else. */
    private final SegmentSecret secret = secret(7);

    @ParameterizedTest
    @ValueSource(ints = {512 * 1024, 1024 * 1024, 2 * 1024 * 1024})
    void segmentsHaveMeanThatIsAskedForAndStayInBounds(int mean) {
        SegmentSizes sizes = new SegmentSizes(mean);
        byte[] data = random(400 * mean / 2, 1);
        List<Integer> lengths = lengths(new Cutter(secret, sizes), data);
        assertThat(lengths.subList(0, lengths.size() - 1))
                .allSatisfy(length -> assertThat(length).isBetween(sizes.least(), sizes.most()));
        assertThat((double) data.length / lengths.size()).isBetween(0.8 * mean, 1.2 * mean);
        assertThat(lengths.stream().mapToInt(each -> each).sum()).isEqualTo(data.length);
    }

    @Test
    void insertedByteMovesOnlyCutsNearIt() {
        byte[] before = random(40 * SMALL.mean(), 2);
        byte[] after = new byte[before.length + 1];
        int place = before.length / 2;
        System.arraycopy(before, 0, after, 0, place);
        System.arraycopy(before, place, after, place + 1, before.length - place);
        Cutter cutter = new Cutter(secret, SMALL);
        Set<Integer> ends = new HashSet<>(pieces(cutter, before));
        List<Integer> changed = pieces(cutter, after);
        changed.removeAll(ends);
        assertThat(changed).isNotEmpty().hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void dataWithoutAnyCutIsCutAtMost() {
        assertThat(lengths(new Cutter(secret, SMALL), new byte[5 * SMALL.mean()]))
                .allSatisfy(length -> assertThat(length).isBetween(SMALL.least(), SMALL.most()));
    }

    @Test
    void otherSecretCutsElsewhere() {
        byte[] data = random(20 * SMALL.mean(), 3);
        assertThat(lengths(new Cutter(secret, SMALL), data)).isNotEqualTo(lengths(new Cutter(secret(8), SMALL), data));
    }

    /** The cuts of one secret, for ever: a change of them would make every backup of everybody a whole one again. */
    @Test
    void cutsAreThoseOfTheFormat() {
        assertThat(lengths(new Cutter(secret(7), SMALL), random(6 * SMALL.mean(), 4)))
                .containsExactly(320870, 202144, 328176, 340087, 1048576, 469743, 311624, 124508);
    }

    /** The example of docs/format.md, which was computed by another program. */
    @Test
    void exampleOfTheDocumentIsRight() throws Exception {
        byte[] data = new byte[6 * SMALL.mean()];
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        for (int i = 0; i < data.length / 32; i++) {
            byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(i).array();
            System.arraycopy(sha256.digest(number), 0, data, 32 * i, 32);
        }
        List<Integer> lengths = lengths(new Cutter(secret(7), SMALL), data);
        Fingerprint first = new Fingerprints(secret(7)).of(data, lengths.getFirst());

        assertThat(lengths).containsExactly(616488, 223085, 346777, 320643, 1042577, 233748, 362410);
        assertThat(Files.readString(Path.of(System.getProperty("holdfast.root", "../.."), "docs", "format.md")))
                .contains("616488, 223085, 346777, 320643, 1042577, 233748 and 362410", first.hex());
    }

    @Test
    void meanFollowsSizeInSteps() {
        assertThat(SegmentSizes.fitting(0).mean()).isEqualTo(512 * 1024);
        assertThat(SegmentSizes.fitting(128L * 1024 * 1024).mean()).isEqualTo(512 * 1024);
        assertThat(SegmentSizes.fitting(200L * 1024 * 1024).mean()).isEqualTo(1024 * 1024);
        assertThat(SegmentSizes.fitting(Long.MAX_VALUE).mean()).isEqualTo(2 * 1024 * 1024);
    }

    @Test
    void meanStaysWhileItIsNotFarOff() {
        long small = 1024;
        long huge = 1L << 40;
        assertThat(new SegmentSizes(1024 * 1024).orFitting(small).mean()).isEqualTo(1024 * 1024);
        assertThat(new SegmentSizes(1024 * 1024).orFitting(huge).mean()).isEqualTo(1024 * 1024);
        assertThat(new SegmentSizes(512 * 1024).orFitting(huge).mean()).isEqualTo(2 * 1024 * 1024);
        assertThat(new SegmentSizes(2 * 1024 * 1024).orFitting(small).mean()).isEqualTo(512 * 1024);
    }

    private static SegmentSecret secret(int each) {
        byte[] bytes = new byte[SegmentSecret.BYTES];
        Arrays.fill(bytes, (byte) each);
        return SegmentSecret.of(bytes);
    }

    private static byte[] random(int length, int seed) {
        byte[] data = new byte[length];
        new Random(seed).nextBytes(data);
        return data;
    }

    private static List<Integer> lengths(Cutter cutter, byte[] data) {
        List<Integer> lengths = new ArrayList<>();
        for (int from = 0; from < data.length; ) {
            byte[] rest = Arrays.copyOfRange(
                    data, from, Math.min(data.length, from + cutter.sizes().most()));
            int length = cutter.next(rest, rest.length);
            lengths.add(length);
            from += length;
        }
        return lengths;
    }

    /** Hashes of the pieces, so that equal pieces at other places are equal. */
    private static List<Integer> pieces(Cutter cutter, byte[] data) {
        List<Integer> hashes = new ArrayList<>();
        int from = 0;
        for (int length : lengths(cutter, data)) {
            hashes.add(Arrays.hashCode(Arrays.copyOfRange(data, from, from + length)));
            from += length;
        }
        return hashes;
    }
}
