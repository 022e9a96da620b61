package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.manager.Restore;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Table;
import io.holdfast.cli.terminal.Wording;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists an instance's restores. */
@Command(name = "restores", description = "Lists the restores of an instance, newest first.")
final class RestoresCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    RestoresCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            Answer answer = client.list(instance.path() + "/restores");
            if (manager.json()) {
                return manager.print(answer);
            }
            Table table =
                    new Table(">RESTORE", "FROM", "STATUS", "PHASE", "STARTED", "FINISHED", "LIVE DATA", "REASON");
            for (Restore restore : answer.asListOf(Restore.class)) {
                var metadata = restore.metadata();
                var progress = restore.progress();
                var reason = restore.reason();
                table.row(
                        restore.id(),
                        Wording.orDash(metadata == null ? null : metadata.restoredFrom()),
                        restore.status(),
                        Wording.orDash(progress == null ? null : progress.phase()),
                        Wording.time(restore.startedAt()),
                        Wording.time(restore.finishedAt()),
                        Wording.orDash(restore.liveData()),
                        reason == null ? "" : reason.code());
            }
            table.print(surroundings.out(), "No restores yet.");
            return ExitCode.OK.number();
        }
    }
}
