package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What has to be known of a cluster before anything is done with it.
 *
 * @param version RabbitMQ's
 * @param user who the agent is
 */
record Broker(String version, String user) {
    private static final Pattern SERIES = Pattern.compile("(\\d{1,6})\\.(\\d{1,6})(\\D.*)?");
    private static final int LEAST_SERIES = 3_000_008;
    private static final String ALL = ".*";

    /** Asks the cluster; throws when it is too old, or does not give its definitions to the agent's user. */
    static Broker of(ManagementApi api) throws IOException {
        JsonNode who = api.get("whoami");
        String version = api.get("overview").path("rabbitmq_version").asString("");
        if (series(version) < LEAST_SERIES) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "RabbitMQ is version '" + version + "', and 3.8 is the oldest that can be backed up");
        }
        String user = who.path("name").asString("");
        if (!who.path("tags").toString().contains("administrator")) {
            throw new JobException(
                    FailureCode.SERVICE_DENIED,
                    "the user " + user + " does not have the tag administrator",
                    "rabbitmqctl set_user_tags " + user + " administrator");
        }
        return new Broker(version, user);
    }

    /** Definitions of a newer server may have what this one does not know. */
    void requireAsNewAs(@Nullable String backedUp) throws JobException {
        if (backedUp != null && series(backedUp) > series(version)) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "the backup is one of RabbitMQ " + backedUp + ", and the server is " + version,
                    "restore into a server of that series or newer");
        }
    }

    /** What an import has added can be removed again only by somebody with permissions for it. */
    void requireRightsToRestore(ManagementApi api) throws IOException {
        Set<String> allowed = new HashSet<>();
        for (JsonNode permission : api.list("users", user, "permissions")) {
            if (permission.path("configure").asString("").equals(ALL)
                    && permission.path("write").asString("").equals(ALL)
                    && permission.path("read").asString("").equals(ALL)) {
                allowed.add(permission.path("vhost").asString(""));
            }
        }
        List<String> missing = new ArrayList<>();
        for (JsonNode vhost : api.list("vhosts")) {
            String name = vhost.path("name").asString("");
            if (!allowed.contains(name)) {
                missing.add(name);
            }
        }
        if (!missing.isEmpty()) {
            throw new JobException(
                    FailureCode.SERVICE_DENIED,
                    "the user " + user + " has no full permissions in the vhosts " + missing
                            + ", without which no restore can be rolled back",
                    "rabbitmqctl set_permissions -p VHOST " + user + " '.*' '.*' '.*'");
        }
    }

    /** The first two numbers of a version as one, such as 3,000,010 of 3.10.8; 0 for what is no version. */
    static int series(String version) {
        Matcher matcher = SERIES.matcher(version);
        return matcher.matches()
                ? Integer.parseInt(matcher.group(1)) * 1_000_000 + Integer.parseInt(matcher.group(2))
                : 0;
    }
}
