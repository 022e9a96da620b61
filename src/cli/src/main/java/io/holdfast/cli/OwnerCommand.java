package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.Instance;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.format.json.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows and says whose an instance is. */
@Command(
        name = "owner",
        description = "Shows which broker or operator an instance belongs to, or assigns it to another one. If the"
                + " catalogue was rebuilt without the instance's record, it has no owner until you assign one.")
final class OwnerCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    @ArgGroup
    private @Nullable Wish wish;

    /** Whose it is to be. */
    static final class Wish {
        @Option(names = "--give-to", paramLabel = "NAME", description = "Assign it to this broker or operator.")
        private @Nullable String owner;

        @Option(
                names = "--nobody",
                description = "Remove the owner: the next broker that registers it becomes its owner.")
        private boolean nobody;
    }

    OwnerCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            Answer answer = wish == null ? client.get(instance.path()) : give(client, wish);
            if (manager.json()) {
                return manager.print(answer);
            }
            surroundings.out().println(wish == null ? shown(answer.as(Instance.class)) : given(wish));
            return ExitCode.OK.number();
        }
    }

    private Answer give(ManagerClient client, Wish given) throws InterruptedException {
        Map<String, @Nullable String> body = new HashMap<>();
        body.put("owner", given.nobody ? null : given.owner);
        return client.put(instance.path() + "/owner", Json.mapper().writeValueAsString(body));
    }

    private String given(Wish given) {
        return given.nobody
                ? "Instance " + instance + " has no owner now."
                : "Instance " + instance + " belongs to " + given.owner + " now.";
    }

    private String shown(Instance found) {
        if (Boolean.TRUE.equals(found.ownerUnknown())) {
            return "Its owner is unknown: it was found in the store without a record. Assign one with --give-to.";
        }
        return found.owner() == null ? "It has no owner." : found.owner();
    }
}
