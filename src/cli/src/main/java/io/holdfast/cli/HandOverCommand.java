package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.format.json.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Gives all instances of one owner to another. */
@Command(
        name = "hand-over",
        description =
                "Assigns all instances of one broker or operator to another one, for example when a broker has a new name.")
final class HandOverCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Parameters(index = "0", paramLabel = "FROM", description = "The present owner.")
    private String from = "";

    @Parameters(index = "1", paramLabel = "TO", description = "The new owner: a name from the manager's configuration.")
    private String to = "";

    HandOverCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    /** What the manager says. */
    private record HandedOver(int instances) {}

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            String owner = URLEncoder.encode(from, StandardCharsets.UTF_8).replace("+", "%20");
            Answer answer =
                    client.post("/owners/" + owner + "/hand-over", Json.mapper().writeValueAsString(Map.of("to", to)));
            if (manager.json()) {
                return manager.print(answer);
            }
            surroundings
                    .out()
                    .println(answer.as(HandedOver.class).instances() + " instances belong to " + to + " now.");
            return ExitCode.OK.number();
        }
    }
}
