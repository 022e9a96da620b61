package io.holdfast.format.segment;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which object a segment is: the number {@code number} of those that the attempt {@code attempt} at the backup {@code backupId}
 * has brought.
 *
 * @param backupId the backup whose folder it is in, which need not be the one that uses it
 * @param attempt from 1; at most 999,999
 * @param number from 0, without gaps; at most 999,999,999
 */
public record SegmentName(String backupId, int attempt, int number) {
    /** The most attempts at one backup that names can count. */
    public static final int MOST_ATTEMPTS = 999_999;

    /** The highest number of a segment. */
    public static final int HIGHEST = 999_999_999;

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final Pattern PATH =
            Pattern.compile("segments/(" + ID.pattern() + ")/([0-9]{6})-([0-9]{9})\\.zst\\.age");

    /** Checks the bounds, with {@link IllegalArgumentException}. */
    public SegmentName {
        if (!ID.matcher(backupId).matches()) {
            throw new IllegalArgumentException("a segment's backup is not an id");
        }
        if (attempt < 1 || attempt > MOST_ATTEMPTS) {
            throw new IllegalArgumentException("a segment's attempt is not 1 to " + MOST_ATTEMPTS);
        }
        if (number < 0 || number > HIGHEST) {
            throw new IllegalArgumentException("a segment's number is not 0 to " + HIGHEST);
        }
    }

    /**
     * The name that a path below the instance's folder has.
     *
     * @throws IllegalArgumentException when it is not a segment's
     */
    public static SegmentName ofPath(String path) {
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a segment's path");
        }
        return new SegmentName(
                matcher.group(1), Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3)));
    }

    /** The name that a path below the instance's folder has; empty when it is not a segment's. */
    public static Optional<SegmentName> find(String path) {
        try {
            return Optional.of(ofPath(path));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Who has brought it. */
    public Bringer bringer() {
        return new Bringer(backupId, attempt);
    }

    /** The folder, below the instance's, of what was brought for a backup. */
    public static String folder(String backupId) {
        return "segments/" + backupId + "/";
    }

    /** Where it is below the instance's folder. Those of one backup sort by attempt and number. */
    public String path() {
        return folder(backupId) + String.format(Locale.ROOT, "%06d-%09d.zst.age", attempt, number);
    }
}
