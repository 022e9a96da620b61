package io.holdfast.manager.display;

import io.holdfast.protocol.NodeRole;
import io.holdfast.protocol.Phase;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How sizes, times and states are written for people. */
public final class Formatting {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy-MM-dd", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Formatting() {}

    /** What part a node plays. */
    public static String role(NodeRole role) {
        return switch (role) {
            case PRIMARY -> "primary";
            case REPLICA -> "replica";
            case UNUSED_REPLICA -> "replica that gets no jobs";
        };
    }

    /** What a refusal of agents is about. */
    public static String refused(String kind) {
        return switch (kind) {
            case "instance" -> "agents of the instance";
            case "serial" -> "certificate with the serial number";
            default -> "certificate with the SHA-256";
        };
    }

    /** A size with three digits at most and a decimal unit: {@code 1.05 GB}, {@code 97 MB}. */
    public static String size(@Nullable Long bytes) {
        if (bytes == null) {
            return "–";
        }
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        String format = unit == 0 || value >= 99.95 ? "%.0f" : value >= 9.995 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value) + " " + UNITS[unit];
    }

    /** A number with its noun: {@code 1 backup}, {@code 2 backups}. */
    public static String count(long number, String noun) {
        return String.format(Locale.ROOT, "%,d %s", number, number == 1 ? noun : noun + "s");
    }

    public static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** A moment in UTC, to the minute. */
    public static String time(@Nullable Instant instant) {
        return instant == null ? "–" : TIME.format(instant);
    }

    /** A day in UTC. */
    public static String day(@Nullable Instant instant) {
        return instant == null ? "–" : DAY.format(instant);
    }

    /** How long ago something was: {@code 5 minutes ago}. */
    public static String ago(Instant then, Instant now) {
        Duration age = Duration.between(then, now);
        return age.toSeconds() < 45 ? "just now" : about(age) + " ago";
    }

    /** How far away something is: {@code in 9 hours}. */
    public static String in(Instant then, Instant now) {
        Duration rest = Duration.between(now, then);
        return rest.toSeconds() < 45 ? "now" : "in " + about(rest);
    }

    private static String about(Duration length) {
        long minutes = Math.max(1, Math.round(length.toSeconds() / 60.0));
        if (minutes < 60) {
            return count(minutes, "minute");
        }
        long hours = Math.round(length.toMinutes() / 60.0);
        if (hours < 48) {
            return count(hours, "hour");
        }
        long days = Math.round(length.toHours() / 24.0);
        return days < 90 ? count(days, "day") : count(Math.round(days / 30.44), "month");
    }

    /** A length of time: {@code 42 s}, {@code 3 min 5 s}, {@code 2 h 10 min}. */
    public static String span(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3600
                ? seconds / 60 + " min " + seconds % 60 + " s"
                : seconds / 3600 + " h " + seconds / 60 % 60 + " min";
    }

    /** What a job's phase means. */
    public static String phase(Phase phase) {
        return switch (phase) {
            case LEASED -> "Starting";
            case PREPARING -> "Preparing";
            case DUMPING -> "Dumping, encrypting and uploading";
            case COMMITTING -> "Checking the upload";
            case PREFLIGHT -> "Checking key, space and versions";
            case STAGING -> "Fetching, decrypting and checking";
            case STAGED -> "Fetched and checked";
            case SAFETY_BACKUP -> "Making the pre-restore copy";
            case SWAPPING -> "Replacing live data";
            case VALIDATING -> "Checking the restored data";
            case ROLLING_BACK -> "Rolling back";
            case COMMITTED -> "Done";
        };
    }
}
