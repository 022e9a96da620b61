package io.holdfast.agent.process;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A program to run.
 *
 * @param arguments the program's path and its arguments: visible to everybody on the machine, so never a secret
 * @param environment all of its environment but {@code PATH} and the locale
 * @param idleLimit how long one read from it or one write to it may take
 * @param timeLimit how long it may run in all
 * @param user who runs it, or null for the agent's user; only root can let others run programs
 */
public record Command(
        List<String> arguments,
        Map<String, String> environment,
        Duration idleLimit,
        Duration timeLimit,
        @Nullable UnixUser user) {
    /** For programs that may run as long as they like, as long as they do not hang. */
    public static final Duration UNLIMITED = Duration.ofDays(3650);

    public Command {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    /** A program that the agent's user runs. */
    public Command(List<String> arguments, Map<String, String> environment, Duration idleLimit, Duration timeLimit) {
        this(arguments, environment, idleLimit, timeLimit, null);
    }

    /** The program's name without its folder. */
    public String name() {
        String path = arguments.getFirst();
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
