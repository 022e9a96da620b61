package io.holdfast.agent.adapter.redis;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/**
 * The commands without which there is no restore. A server may have them under another name, or not at all ({@code
 * rename-command}), which would be noticed only when writes are paused.
 */
final class NeededCommands {
    private static final List<String> NAMES =
            List.of("ACL", "CLIENT", "CONFIG", "INFO", "REPLCONF", "REPLICAOF", "SYNC");

    private NeededCommands() {}

    /** Those that a server does not have; empty also when it cannot say: {@code COMMAND LIST} came with 7.0. */
    static List<String> missing(Connection connection) throws IOException {
        List<String> missing = new ArrayList<>(NAMES);
        try {
            HashSet<String> found = new HashSet<>();
            connection.texts("COMMAND", "LIST").forEach(name -> found.add(name.toUpperCase(Locale.ROOT)));
            missing.removeAll(found);
        } catch (JobException e) {
            if (e.code() != FailureCode.RESTORE_FAILED && e.code() != FailureCode.SERVICE_DENIED) {
                throw e;
            }
            missing.clear();
        }
        return missing;
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
