package io.holdfast.protocol;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a job may need of an agent, and its {@link Hello} says that it can do. */
public enum Capability {
    BACKUP,
    RESTORE,
    /** Reads and writes backups of the format {@code holdfast/2}. */
    FORMAT_2,
    /** Leaves out of a restore what cannot come back. */
    SKIP_BROKEN,
    /** Names segments that an earlier backup has, instead of bringing them again. */
    REUSE;

    /** As it is written in messages. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The words of all that this release can do. */
    public static List<String> words() {
        return Arrays.stream(values()).map(Capability::word).toList();
    }

    /** Those that are known here. An agent of the first protocol says none. */
    public static Set<Capability> of(@Nullable List<String> words) {
        return words == null
                ? EnumSet.noneOf(Capability.class)
                : words.stream().map(Capability::of).flatMap(Optional::stream).collect(Collectors.toSet());
    }

    private static Optional<Capability> of(String word) {
        return Arrays.stream(values())
                .filter(capability -> capability.word().equals(word))
                .findFirst();
    }
}
