package io.holdfast.agent.adapter.mariadb;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The version that a program or a server belongs to, such as 10.11.8. */
record ToolVersion(int major, int minor, int patch) implements Comparable<ToolVersion> {
    /**
     * Reads what a dump program's {@code --version} prints, or what a server says.
     *
     * @param pattern with three groups of digits
     */
    static @Nullable ToolVersion parse(String text, Pattern pattern) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find()
                ? new ToolVersion(
                        Integer.parseInt(matcher.group(1)),
                        Integer.parseInt(matcher.group(2)),
                        Integer.parseInt(matcher.group(3)))
                : null;
    }

    /** Without the patch. */
    ToolVersion series() {
        return new ToolVersion(major, minor, 0);
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
