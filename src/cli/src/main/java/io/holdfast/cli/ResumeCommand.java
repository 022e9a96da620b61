package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Ends a pause. */
@Command(name = "resume", description = "Ends a pause.")
final class ResumeCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @ArgGroup(multiplicity = "1")
    private PauseScope scope = new PauseScope();

    ResumeCommand(Surroundings surroundings) {
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
            surroundings.out().println("Resumed: " + scope + ".");
            return ExitCode.OK.number();
        }
    }
}
