package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.manager.Retention;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Table;
import io.holdfast.cli.terminal.Wording;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows which backups would be deleted now. */
@Command(
        name = "retention",
        description = "Shows which backups of an instance would be deleted now, and why the others are kept.")
final class RetentionCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    RetentionCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            Answer answer = client.get(instance.path() + "/retention");
            if (manager.json()) {
                return manager.print(answer);
            }
            Table table = new Table(">BACKUP", "STATE", "MADE", "GOES", "KEPT BECAUSE");
            for (Retention.Verdict verdict : answer.as(Retention.class).backups()) {
                table.row(
                        verdict.id(),
                        verdict.state(),
                        Wording.time(verdict.madeAt()),
                        verdict.deletedNow() ? "now" : Wording.time(verdict.expectedDeletionAt()),
                        verdict.keptBecause().stream()
                                .map(Retention.Reason::reason)
                                .collect(Collectors.joining(", ")));
            }
            table.print(surroundings.out(), "No backups yet. Make one: holdfast backup " + instance);
            return ExitCode.OK.number();
        }
    }
}
