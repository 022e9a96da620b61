package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.Backup;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Wording;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Deletes a backup. */
@Command(name = "delete", description = "Deletes a backup. The manager refuses to delete the last good one.")
final class DeleteCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Mixin
    private final Confirmation confirmation;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    @Parameters(index = "1", paramLabel = "BACKUP", description = "The backup's number.")
    private long number;

    DeleteCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
        this.confirmation = new Confirmation(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            if (!confirmation.given()) {
                Backup backup = client.get(instance.backup(number)).as(Backup.class);
                confirmation.require(
                        instance,
                        "This deletes backup " + number + " of " + instance + " of " + Wording.time(backup.startedAt())
                                + " for good. " + freed(client));
            }
            Answer answer = client.delete(instance.backup(number));
            if (manager.json()) {
                return manager.print(answer);
            }
            surroundings.out().println("Backup " + number + " of " + instance + " is deleted.");
            return ExitCode.OK.number();
        }
    }

    /**
     * What the manager says of a deletion that has not begun.
     *
     * @param freesBytes null when it is not known
     * @param unknownBecause why it is not known
     */
    private record Preview(
            @Nullable Long freesBytes, @Nullable String unknownBecause) {}

    private String freed(ManagerClient client) throws InterruptedException {
        Preview preview = client.get(instance.backup(number) + "/deletion").as(Preview.class);
        return preview.freesBytes() == null
                ? "What it frees is not known: " + preview.unknownBecause()
                : "It frees " + Wording.size(preview.freesBytes()) + "; what other backups use too stays.";
    }
}
