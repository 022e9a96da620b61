package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.Backup;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.manager.Reason;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Table;
import io.holdfast.cli.terminal.Wording;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists an instance's backups. */
@Command(name = "backups", description = "Lists the backups of an instance, newest first.")
final class BackupsCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Parameters(paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    BackupsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            Answer answer = client.get(instance.path() + "/backups");
            if (manager.json()) {
                return manager.print(answer);
            }
            Table table = new Table(">BACKUP", "STATUS", "STATE", ">SIZE", ">KEY", "STARTED", "FINISHED", "REASON");
            for (Backup backup : answer.asListOf(Backup.class)) {
                Long size = backup.size();
                table.row(
                        backup.id(),
                        backup.status(),
                        Wording.orDash(backup.state()),
                        size == null || size == 0 ? "-" : Wording.size(size),
                        Wording.orDash(backup.keyVersion()),
                        Wording.time(backup.startedAt()),
                        Wording.time(backup.finishedAt()),
                        reason(backup.reason()));
            }
            table.print(surroundings.out(), "No backups yet. Make one: holdfast backup " + instance);
            return ExitCode.OK.number();
        }
    }

    private static String reason(@Nullable Reason reason) {
        return reason == null ? "" : reason.code();
    }
}
