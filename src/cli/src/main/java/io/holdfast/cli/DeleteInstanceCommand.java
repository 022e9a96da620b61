package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes an instance. */
@Command(
        name = "delete-instance",
        description = "Deletes an instance with all of its backups, the last good one too. Its agent is refused from"
                + " then on, and its id stays reserved for its owner.")
final class DeleteInstanceCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Mixin
    private final Confirmation confirmation;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    @Option(names = "--with-backups", required = true, description = "Required: its backups are deleted too.")
    private boolean withBackups;

    @Option(
            names = "--cancel-jobs",
            description =
                    "Cancel its jobs first. A running job ends within about a minute: run the command again then.")
    private boolean cancelJobs;

    DeleteInstanceCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
        this.confirmation = new Confirmation(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            confirmation.require(instance, "This deletes " + instance + " and all of its backups for good.");
            Answer answer = client.delete(
                    instance.path(), "{\"delete_backups\": " + withBackups + ", \"cancel_jobs\": " + cancelJobs + "}");
            if (manager.json()) {
                return manager.print(answer);
            }
            surroundings.out().println("Instance " + instance + " and its backups are deleted.");
            return ExitCode.OK.number();
        }
    }
}
