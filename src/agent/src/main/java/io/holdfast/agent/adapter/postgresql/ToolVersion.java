package io.holdfast.agent.adapter.postgresql;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A client program's version.
 *
 * @param major such as 16
 * @param minor such as 4
 */
record ToolVersion(int major, int minor) {
    /**
     * The minor releases from which on dump files cannot run code in the programs that read them, see
     * {@code docs/adapters/postgresql.md}.
     */
    private static final Map<Integer, Integer> SAFE_MINORS = Map.of(18, 7, 17, 12, 16, 16, 15, 20, 14, 25);

    private static final int OLDEST_SAFE_MAJOR = 14;
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)\\.?(\\d+)?");

    /** Reads what {@code pg_dump --version} prints. */
    static @Nullable ToolVersion parse(String text) {
        Matcher matcher = VERSION.matcher(text);
        if (!matcher.find()) {
            return null;
        }
        String minor = matcher.group(2);
        return new ToolVersion(Integer.parseInt(matcher.group(1)), minor == null ? 0 : Integer.parseInt(minor));
    }

    /** Why this version should not be used, or null. */
    @Nullable String warning() {
        if (major < OLDEST_SAFE_MAJOR) {
            return "version " + this + " no longer gets security fixes";
        }
        int safe = SAFE_MINORS.getOrDefault(major, 0);
        return minor >= safe
                ? null
                : "version " + this + " is older than " + major + "." + safe
                        + ": a hostile dump can run code in it. Update the PostgreSQL client programs";
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
