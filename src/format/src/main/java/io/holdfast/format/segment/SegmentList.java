package io.holdfast.format.segment;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.WrappedFileKey;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a manifest says of the list of a backup's segments, by which the list is authentic and any line of it is found.
 *
 * @param lines how many segments it lists
 * @param lineBytes how long each line is, its line feed counted
 * @param bytes how long all of it is
 * @param sha256 of all of it, in lower-case hexadecimal
 */
public record SegmentList(long lines, int lineBytes, long bytes, String sha256) {
    /** The most lines of a list. */
    public static final long MOST_LINES = 1_000_000_000_000L;

    static final String END = "end ";

    private static final int COLUMNS = 7;
    private static final int SIZE_DIGITS = 7;
    private static final int FIXED_BYTES = 64 + SIZE_DIGITS + 64 + 43 + 43 + COLUMNS;
    private static final int LONGEST_ARTIFACT = 63;
    private static final int LONGEST_PATH =
            new SegmentName("x".repeat(128), 1, 0).path().length();
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern SIZE = Pattern.compile("[0-9]{" + SIZE_DIGITS + "}");

    /** Checks the shape, with {@link IllegalArgumentException}. */
    public SegmentList {
        require(lines >= 1 && lines <= MOST_LINES, "a list of segments has 1 to " + MOST_LINES + " lines");
        require(
                lineBytes > FIXED_BYTES && lineBytes <= lineBytes(LONGEST_ARTIFACT, LONGEST_PATH),
                "the lines of a list of segments are too short or too long");
        require(
                bytes
                        == lines * lineBytes
                                + END.length()
                                + String.valueOf(lines).length()
                                + 1,
                "the size of a list of segments is not that of its lines");
        require(SHA_256.matcher(sha256).matches(), "a list's SHA-256 is not 64 lower-case hexadecimal digits");
    }

    static int lineBytes(int artifactColumns, int pathColumns) {
        return FIXED_BYTES + artifactColumns + pathColumns;
    }

    /** A line without its line feed, that {@link #parse(String)} reads; its columns are as short as can be. */
    public static String text(SegmentLine line) {
        return text(line, line.artifact().length(), line.name().path().length());
    }

    static String text(SegmentLine line, int artifactColumns, int pathColumns) {
        return String.join(
                " ",
                padded(line.artifact(), artifactColumns),
                line.fingerprint().hex(),
                String.format(Locale.ROOT, "%0" + SIZE_DIGITS + "d", line.bytes()),
                line.sha256(),
                line.key().share(),
                line.key().body(),
                padded(line.name().path(), pathColumns));
    }

    private static String padded(String text, int columns) {
        if (text.length() > columns) {
            throw new IllegalArgumentException("longer than the column of a list of segments: " + text);
        }
        return text + " ".repeat(columns - text.length());
    }

    /** The last line. */
    String last() {
        return END + lines + "\n";
    }

    /** Where a line begins, in bytes from the beginning of the list. */
    public long offset(long line) {
        return Math.multiplyExact(line, (long) lineBytes);
    }

    /**
     * Reads one line.
     *
     * @param line with its line feed
     * @throws CorruptListException when it is not one
     */
    public static SegmentLine parse(byte[] line) throws CorruptListException {
        String text = new String(line, US_ASCII);
        if (!text.endsWith("\n")) {
            throw new CorruptListException("a line does not end where it should");
        }
        return parse(text.substring(0, text.length() - 1));
    }

    /**
     * Reads one line.
     *
     * @param line without its line feed
     * @throws CorruptListException when it is not one
     */
    public static SegmentLine parse(String line) throws CorruptListException {
        if (line.indexOf('\n') >= 0) {
            throw new CorruptListException("a line does not end where it should");
        }
        // Blanks fill the first and the last column.
        String[] columns = line.stripTrailing().split(" +", -1);
        if (columns.length != COLUMNS) {
            throw new CorruptListException("a line has " + columns.length + " columns and should have " + COLUMNS);
        }
        try {
            if (!SIZE.matcher(columns[2]).matches()) {
                throw new IllegalArgumentException("the size has not " + SIZE_DIGITS + " digits");
            }
            return new SegmentLine(
                    columns[0],
                    new Fingerprint(columns[1]),
                    Integer.parseInt(columns[2]),
                    columns[3],
                    WrappedFileKey.parse(columns[4], columns[5]),
                    SegmentName.ofPath(columns[6]));
        } catch (IllegalArgumentException | AgeException e) {
            throw new CorruptListException("a line cannot be read: " + e.getMessage(), e);
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
