package io.holdfast.cli.terminal;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How sizes, times and foreign texts are written for people. */
public final class Wording {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Wording() {}

    /** A size with three digits at most and a decimal unit: {@code 1.05 GB}, {@code 97 MB}. */
    public static String size(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        String number = unit == 0 || value >= 99.95
                ? String.format(Locale.ROOT, "%.0f", value)
                : value >= 9.995
                        ? String.format(Locale.ROOT, "%.1f", value)
                        : String.format(Locale.ROOT, "%.2f", value);
        return number + " " + UNITS[unit];
    }

    /** A length of time: {@code 0:07}, {@code 12:30}, {@code 3:04:05}. */
    public static String duration(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }

    /** A moment in UTC, to the second; a dash when there is none. */
    public static String time(@Nullable Instant instant) {
        return instant == null ? "-" : TIME.format(instant);
    }

    /** The text, or a dash when there is none. */
    public static String orDash(@Nullable Object value) {
        return value == null || value.toString().isEmpty() ? "-" : value.toString();
    }

    /** The text in one line without control characters, which could move the cursor or recolour the terminal. */
    public static String printable(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            boolean harmless = switch (Character.getType(point)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE -> false;
                default -> true;
            };
            clean.appendCodePoint(harmless ? point : ' ');
        });
        return clean.toString().strip();
    }
}
