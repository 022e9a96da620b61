package io.holdfast.cli;

import io.holdfast.cli.manager.Agent;
import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.manager.RefusedAgent;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Table;
import io.holdfast.cli.terminal.Wording;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists the agents, and what they warn of. */
@Command(name = "agents", description = "Lists the agents, their warnings, and refused agents.")
final class AgentsCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    AgentsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            Answer answer = client.list("/agents");
            if (manager.json()) {
                return manager.print(answer);
            }
            List<Agent> agents = answer.asListOf(Agent.class);
            Table table = new Table(
                    "INSTANCE",
                    ">INDEX",
                    "ONLINE",
                    "ROLE",
                    "SERVICE",
                    "SERVER",
                    "AGENT",
                    "HOST",
                    "CERTIFICATE",
                    "LAST SEEN");
            for (Agent agent : agents) {
                table.row(
                        agent.instanceId(),
                        Wording.orDash(agent.index()),
                        agent.refused() ? "refused" : agent.online() ? "yes" : "no",
                        Wording.orDash(role(agent.role())),
                        Wording.orDash(agent.service()),
                        Wording.orDash(agent.serverVersion()),
                        Wording.orDash(agent.version()),
                        Wording.orDash(agent.host()),
                        Wording.orDash(
                                agent.certificate() == null
                                        ? null
                                        : agent.certificate().serial()),
                        Wording.time(agent.lastSeenAt()));
            }
            table.print(surroundings.out(), "No agents yet.");
            for (Agent agent : agents) {
                for (String warning : warnings(agent)) {
                    surroundings.out().println("WARNING: " + Wording.printable(agent.instanceId() + ": " + warning));
                }
            }
            for (RefusedAgent refused : client.get("/agents/refused").asListOf(RefusedAgent.class)) {
                surroundings
                        .out()
                        .println(Wording.printable("REFUSED: " + refused.kind() + " " + refused.value() + " since "
                                + Wording.time(refused.refusedAt()) + " by " + refused.refusedBy() + ": "
                                + refused.reason()));
            }
            return ExitCode.OK.number();
        }
    }

    private static @Nullable String role(@Nullable String role) {
        return role == null ? null : role.replace('_', ' ');
    }

    /** The agent's warnings, and those of its tools that it does not speak of itself. */
    private static Set<String> warnings(Agent agent) {
        Set<String> warnings = new LinkedHashSet<>();
        List<String> own = agent.warnings();
        if (own != null) {
            warnings.addAll(own);
        }
        List<Agent.Tool> tools = agent.tools();
        if (tools != null) {
            for (Agent.Tool tool : tools) {
                String warning = tool.warning();
                if (warning != null && warnings.stream().noneMatch(said -> said.contains(warning))) {
                    warnings.add(tool.name() + " " + Wording.orDash(tool.version()) + ": " + warning);
                }
            }
        }
        return warnings;
    }
}
