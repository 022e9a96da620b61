package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.Instance;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Table;
import io.holdfast.cli.terminal.Wording;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists what is backed up. */
@Command(name = "instances", description = "Lists the service instances that the manager knows.")
final class InstancesCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    InstancesCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            Answer answer = client.list("/instances");
            if (manager.json()) {
                return manager.print(answer);
            }
            Table table =
                    new Table("INSTANCE", "SERVICE", "STATE", ">AGENTS", "LAST GOOD BACKUP", "LAST VERIFIED", "OWNER");
            for (Instance instance : answer.asListOf(Instance.class)) {
                table.row(
                        instance.instanceId(),
                        Wording.orDash(instance.service()),
                        Wording.orDash(instance.state()),
                        Wording.orDash(instance.agentsOnline()),
                        Wording.time(instance.lastGoodBackupAt()),
                        Wording.time(instance.lastVerifiedAt()),
                        Boolean.TRUE.equals(instance.ownerUnknown()) ? "?" : Wording.orDash(instance.owner()));
            }
            table.print(surroundings.out(), "No instances yet. One registers itself when its agent starts.");
            return ExitCode.OK.number();
        }
    }
}
