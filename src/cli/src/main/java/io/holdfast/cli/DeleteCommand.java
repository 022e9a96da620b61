package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.Backup;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Wording;
import java.util.concurrent.Callable;
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
                                + " for good.");
            }
            Answer answer = client.delete(instance.backup(number));
            if (manager.json()) {
                return manager.print(answer);
            }
            surroundings.out().println("Backup " + number + " of " + instance + " is deleted.");
            return ExitCode.OK.number();
        }
    }
}
