package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/** Which release a program is of: what {@code scripts/lib/version} said when its jars were made. */
public final class ReleaseVersion {
    private static final String UNKNOWN = "development";

    private ReleaseVersion() {}

    /** Such as {@code 1.2.0}; {@code development} where the program runs from classes that no jar holds. */
    public static String current() {
        @Nullable String version = ReleaseVersion.class.getPackage().getImplementationVersion();
        return version == null ? UNKNOWN : version;
    }
}
