package io.holdfast.cli;

import io.holdfast.cli.manager.Backup;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/** Which backup is meant: a number, or null for the latest good one. */
record BackupChoice(@Nullable Long number) {
    /** What a field holds before the command line is read. */
    static final BackupChoice UNSET = new BackupChoice(null);

    private static final String LATEST = "latest";

    static BackupChoice parse(String text) {
        if (text.equals(LATEST)) {
            return new BackupChoice(null);
        }
        try {
            long number = Long.parseLong(text);
            if (number > 0) {
                return new BackupChoice(number);
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new TypeConversionException("a backup is given by its number, or as \"" + LATEST + "\"");
    }

    /** The backup itself. The manager numbers backups in their order, so the latest has the highest number. */
    Backup find(ManagerClient client, InstanceId instance) throws InterruptedException {
        if (number != null) {
            return client.get(instance.backup(number)).as(Backup.class);
        }
        return client.list(instance.path() + "/backups").asListOf(Backup.class).stream()
                .filter(Backup::good)
                .max(Comparator.comparingLong(Backup::id))
                .orElseThrow(() -> new Failure(
                        ExitCode.REFUSED,
                        "NotFound",
                        "instance " + instance + " has no good backup",
                        "make one: holdfast backup " + instance));
    }
}
