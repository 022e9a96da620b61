package io.holdfast.cli.local;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.format.age.AgeException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Turns what is wrong with an age file into words. */
final class AgeFailures {
    private AgeFailures() {}

    /** The failure with its own code for each kind, such as {@code BadMac}. */
    static Failure failure(String file, AgeException e) {
        return new Failure(
                isAboutKey(e) ? ExitCode.KEY_MISMATCH : ExitCode.FAILED,
                camelCase(e.kind()),
                file + ": " + e.getMessage(),
                switch (e.kind()) {
                    case NO_MATCHING_KEY ->
                        "give the instance's identity, the recovery identity, or the master"
                                + " identity and the key.age beside it, each with --identity";
                    case WRONG_PASSPHRASE -> "check --passphrase-file";
                    case NOT_AGE -> "is it a file of a backup?";
                    case TRUNCATED -> "the file is cut off: get it from the store again";
                    default -> null;
                },
                e);
    }

    /** Whether the file may well be fine and only the key does not fit. */
    static boolean isAboutKey(AgeException e) {
        return e.kind() == AgeException.Kind.NO_MATCHING_KEY || e.kind() == AgeException.Kind.WRONG_PASSPHRASE;
    }

    private static String camelCase(AgeException.Kind kind) {
        return Arrays.stream(kind.name().split("_"))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }
}
