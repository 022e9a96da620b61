package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks for the end of a running job. */
@Command(
        name = "cancel",
        description = "Cancels a backup or a restore that is queued or running. A restore can be cancelled until it"
                + " begins to replace live data.")
final class CancelCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    @ArgGroup(multiplicity = "1")
    private Job job = new Job();

    /** One of these is given. */
    static final class Job {
        @Option(names = "--backup", paramLabel = "N", required = true, description = "The backup's number.")
        private @Nullable Long backup;

        @Option(names = "--restore", paramLabel = "N", required = true, description = "The restore's number.")
        private @Nullable Long restore;

        @Option(names = "--all", required = true, description = "All jobs of the instance that have not ended.")
        private boolean all;
    }

    CancelCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            Long backup = job.backup;
            Long restore = job.restore;
            String path = job.all
                    ? instance.path()
                    : backup != null ? instance.backup(backup) : instance.restore(restore == null ? 0 : restore);
            Answer answer = client.post(path + "/cancel");
            if (manager.json()) {
                return manager.print(answer);
            }
            surroundings.out().println("Cancel requested. The agent stops within seconds.");
            return ExitCode.OK.number();
        }
    }
}
