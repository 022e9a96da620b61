package io.holdfast.agent.adapter.mariadb;

import java.util.Comparator;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The version of MariaDB that a program or a server belongs to, such as 10.11.8. */
record ToolVersion(int major, int minor, int patch) implements Comparable<ToolVersion> {
    static final ToolVersion OLDEST = new ToolVersion(10, 5, 0);

    /**
     * From these releases on, dump and client have the sandbox mode, without which a hostile dump can run commands in the
     * client (MDEV-21778); by series. Series that are not here have it from their first release on, or never got it.
     */
    private static final Map<String, Integer> SAFE_PATCHES =
            Map.of("10.5", 25, "10.6", 18, "10.11", 8, "11.0", 6, "11.1", 5, "11.2", 4, "11.4", 2);

    private static final ToolVersion ALL_SAFE = new ToolVersion(11, 4, 0);
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+)-MariaDB");

    /** Reads what {@code mariadb-dump --version} prints, or what a server says. */
    static @Nullable ToolVersion parse(String text) {
        Matcher matcher = VERSION.matcher(text);
        return matcher.find()
                ? new ToolVersion(
                        Integer.parseInt(matcher.group(1)),
                        Integer.parseInt(matcher.group(2)),
                        Integer.parseInt(matcher.group(3)))
                : null;
    }

    boolean tooOld() {
        return compareTo(OLDEST) < 0;
    }

    /** Why this version should not be used, or null. */
    @Nullable String warning() {
        Integer safe = SAFE_PATCHES.get(major + "." + minor);
        boolean unsafe = safe == null ? compareTo(ALL_SAFE) < 0 : patch < safe;
        return unsafe
                ? "version " + this + " has no sandbox mode: a hostile dump can run commands in it. Update the MariaDB"
                        + " client programs"
                : null;
    }

    @Override
    public int compareTo(ToolVersion other) {
        return Comparator.comparingInt(ToolVersion::major)
                .thenComparingInt(ToolVersion::minor)
                .thenComparingInt(ToolVersion::patch)
                .compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
