package io.holdfast.cli.local;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was found out about one folder that should be a backup.
 *
 * @param folder where it is
 * @param instanceId from the manifest, or null when that could not be read
 * @param backupId from the manifest, or null when that could not be read
 * @param sequence of the backup within its instance
 * @param segments how many segments its list has
 * @param bytes their size as the manifest says
 * @param signature whether the manifest is signed by a key that is trusted
 * @param files whether the list is the manifest's, and each object is there with its size and SHA-256
 * @param content whether all of it decrypts and decompresses to the end
 * @param fingerprints whether each segment holds what the list says; not looked at where the instance's record is not
 *     authentic, or the identities do not open its segment secret
 * @param problems what is damaged, in sentences; none when the backup is as it was made
 */
public record Finding(
        Path folder,
        @Nullable String instanceId,
        @Nullable String backupId,
        long sequence,
        long segments,
        long bytes,
        Outcome signature,
        Outcome files,
        Outcome content,
        Outcome fingerprints,
        List<String> problems) {

    /** The result of one kind of check. */
    public enum Outcome {
        /** As it should be. */
        PASSED,
        /** Damaged or forged. */
        FAILED,
        /** None of the keys that were given opens it. */
        NO_KEY,
        /** Not looked at, because the key for it was not given or something before it failed. */
        UNCHECKED
    }

    /** Whether nothing speaks against it. */
    public boolean sound() {
        return problems.isEmpty();
    }

    /** Whether its content was to be read and could not be, for lack of the right key. */
    public boolean lacksKey() {
        return content == Outcome.NO_KEY;
    }
}
