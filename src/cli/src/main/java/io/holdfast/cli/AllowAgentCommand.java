package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lets agents in again. */
@Command(name = "allow-agent", description = "Allows agents again that were refused.")
final class AllowAgentCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @ArgGroup(multiplicity = "1")
    private AgentScope scope = new AgentScope();

    AllowAgentCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            Answer answer = client.delete(scope.path());
            if (manager.json()) {
                return manager.print(answer);
            }
            surroundings.out().println("Allowed: " + scope + ".");
            return ExitCode.OK.number();
        }
    }
}
