package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * What belongs to chosen virtual hosts: they themselves, all that is in them, and the users who have permissions there.
 *
 * @param vhosts their names
 * @param users the users' names
 */
record VhostSelection(Set<String> vhosts, Set<String> users) implements DefinitionsStream.Selection {
    /** A selection of these; of everything when none is named. */
    static DefinitionsStream.Selection of(List<String> vhosts, ManagementApi api) throws IOException {
        if (vhosts.isEmpty()) {
            return ALL;
        }
        List<String> missing = new ArrayList<>(vhosts);
        api.list("vhosts").forEach(vhost -> missing.remove(vhost.path("name").asString("")));
        if (!missing.isEmpty()) {
            throw new JobException(
                    FailureCode.DUMP_FAILED, "the server does not have the vhosts " + missing, "check adapter.vhosts");
        }
        Set<String> users = new HashSet<>();
        for (String kind : List.of("permissions", "topic-permissions")) {
            for (JsonNode permission : api.list(kind)) {
                if (vhosts.contains(permission.path("vhost").asString(""))) {
                    users.add(permission.path("user").asString(""));
                }
            }
        }
        return new VhostSelection(Set.copyOf(vhosts), Set.copyOf(users));
    }

    @Override
    public boolean keeps(Kind kind, JsonNode element) {
        return switch (kind) {
            case USERS -> users.contains(element.path("name").asString(""));
            case VHOSTS -> vhosts.contains(element.path("name").asString(""));
            case GLOBAL_PARAMETERS -> false;
            case PERMISSIONS, TOPIC_PERMISSIONS, PARAMETERS, POLICIES, QUEUES, EXCHANGES, BINDINGS ->
                vhosts.contains(element.path("vhost").asString(""));
        };
    }
}
