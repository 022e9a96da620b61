package io.holdfast.agent.adapter.redis;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The commands without which there is no restore. A server may have them under another name, or not at all ({@code
 * rename-command}), which would be noticed only when writes are paused.
 */
final class NeededCommands {
    private static final List<String> NAMES =
            List.of("ACL", "CLIENT", "CONFIG", "INFO", "REPLCONF", "REPLICAOF", "SYNC");

    private NeededCommands() {}

    /** Those that a server does not have by these names; empty also when it does not let itself be asked. */
    static List<String> missing(Connection connection) throws IOException {
        List<String> command = new ArrayList<>(List.of("COMMAND", "INFO"));
        command.addAll(NAMES);
        try {
            List<?> found = connection.call(command) instanceof List<?> list ? list : List.of();
            return IntStream.range(0, Math.min(found.size(), NAMES.size()))
                    .filter(i -> found.get(i) == null)
                    .mapToObj(NAMES::get)
                    .toList();
        } catch (JobException e) {
            if (e.code() != FailureCode.RESTORE_FAILED && e.code() != FailureCode.SERVICE_DENIED) {
                throw e;
            }
            return List.of();
        }
    }

    static void require(Connection connection) throws IOException {
        List<String> missing = missing(connection);
        if (!missing.isEmpty()) {
            throw new JobException(FailureCode.ENGINE_INCOMPATIBLE, lacks(missing), hint());
        }
    }

    /** For people. */
    static String lacks(List<String> missing) {
        return "the server does not know " + String.join(", ", missing) + ", without which nothing can be restored";
    }

    static String hint() {
        return "take their rename-command out of the server's configuration, and restrict them by ACL rules instead";
    }
}
