package io.holdfast.agent.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.segment.Fingerprint;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LentTableTest {
    private static final long NOT_TO_BE_NAMED = 0;

    private final Random random = new Random(7);

    @Test
    void eachFingerprintIsFoundInItsLineAndNoOtherIsFound() {
        for (int lines : new int[] {1, 2, 7, 8, 1000, 60_000}) {
            long[] prefixes = random.longs(lines).toArray();
            LentTable table = new LentTable(lines);
            addInPages(table, prefixes, 10_000);
            assertThat(table.size()).isEqualTo(lines);
            for (int line = 0; line < lines; line++) {
                assertThat(table.line(fingerprint(prefixes[line]))).isEqualTo(line);
            }
            assertThat(random.longs(lines))
                    .allSatisfy(
                            other -> assertThat(table.line(fingerprint(other))).isEqualTo(LentTable.NONE));
        }
    }

    @Test
    void fingerprintsThatAreCloseToOneAnotherAreToldApart() {
        long[] prefixes = {1, 2, 3, -1, -2, -3, Long.MIN_VALUE, Long.MAX_VALUE};
        LentTable table = new LentTable(prefixes.length);
        addInPages(table, prefixes, 3);
        for (int line = 0; line < prefixes.length; line++) {
            assertThat(table.line(fingerprint(prefixes[line]))).isEqualTo(line);
        }
        assertThat(table.line(fingerprint(4))).isEqualTo(LentTable.NONE);
        assertThat(table.line(fingerprint(-4))).isEqualTo(LentTable.NONE);
    }

    @Test
    void zerosAreNoFingerprintAndKeepTheirLines() {
        LentTable table = new LentTable(4);
        addInPages(table, new long[] {NOT_TO_BE_NAMED, 5, NOT_TO_BE_NAMED, 6}, 4);
        assertThat(table.size()).isEqualTo(2);
        assertThat(table.line(fingerprint(5))).isEqualTo(1);
        assertThat(table.line(fingerprint(6))).isEqualTo(3);
        assertThat(table.line(fingerprint(NOT_TO_BE_NAMED))).isEqualTo(LentTable.NONE);
    }

    @Test
    void firstOfTwoThatAreTheSameStays() {
        LentTable table = new LentTable(3);
        addInPages(table, new long[] {8, 9, 8}, 2);
        assertThat(table.size()).isEqualTo(2);
        assertThat(table.line(fingerprint(8))).isZero();
    }

    @Test
    void linesThatNoLongerFitAreNotFound() {
        long[] prefixes = random.longs(LentTable.MOST_LINES + 1000L).toArray();
        LentTable table = new LentTable(1_000_000_000_000L);
        addInPages(table, prefixes, 10_000);
        assertThat(table.isFull()).isTrue();
        assertThat(table.size()).isEqualTo(LentTable.MOST_LINES).isGreaterThan(300_000);
        assertThat(IntStream.range(0, prefixes.length)
                        .filter(line -> table.line(fingerprint(prefixes[line]))
                                != (line < LentTable.MOST_LINES ? line : LentTable.NONE)))
                .isEmpty();
    }

    @Test
    void tableOfNothingIsFullAndFindsNothing() {
        for (long lines : new long[] {0, -1}) {
            LentTable table = new LentTable(lines);
            addInPages(table, new long[] {3}, 1);
            assertThat(table.isFull()).isTrue();
            assertThat(table.line(fingerprint(3))).isEqualTo(LentTable.NONE);
        }
    }

    private static void addInPages(LentTable table, long[] prefixes, int most) {
        for (int first = 0; first < prefixes.length; first += most) {
            long[] page = Arrays.copyOfRange(prefixes, first, Math.min(prefixes.length, first + most));
            ByteBuffer bytes = ByteBuffer.allocate(page.length * Long.BYTES);
            bytes.asLongBuffer().put(page);
            table.add(first, bytes);
        }
    }

    /** Only what it begins with says where it is. */
    private Fingerprint fingerprint(long prefix) {
        byte[] bytes = new byte[Fingerprint.BYTES];
        random.nextBytes(bytes);
        ByteBuffer.wrap(bytes).putLong(prefix);
        return new Fingerprint(HexFormat.of().formatHex(bytes));
    }
}
