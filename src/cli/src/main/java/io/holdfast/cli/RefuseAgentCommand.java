package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.format.json.Json;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Locks agents out. */
@Command(
        name = "refuse-agent",
        description =
                "Refuses agents from now on, for example when a certificate was stolen. To list refused agents: holdfast agents")
final class RefuseAgentCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @ArgGroup(multiplicity = "1")
    private AgentScope scope = new AgentScope();

    @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "The reason, shown to others.")
    private String reason = "";

    RefuseAgentCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            Answer answer = client.put(scope.path(), Json.mapper().writeValueAsString(Map.of("reason", reason)));
            if (manager.json()) {
                return manager.print(answer);
            }
            surroundings.out().println("Refused: " + scope + ".");
            return ExitCode.OK.number();
        }
    }
}
