package io.holdfast.protocol;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /agent/v1/hello}: the first thing that an agent says after each of its starts. It registers an instance
 * that the manager does not know yet.
 *
 * @param session a random text that is new at each start of the agent; a job leased to an older session is lost
 * @param service what is backed up: the adapter's name, such as {@code postgresql}
 * @param version the agent's own version
 * @param host the machine's name, for people
 * @param serverVersion the data service's version, or null while it cannot be asked
 * @param tools the programs that the agent would use
 * @param warnings what an operator should know, in sentences; for example client programs below a safe version
 * @param protocol the newest {@link ProtocolVersion} that the agent speaks; null for the first one
 * @param capabilities the words of what the agent can do, see {@link Capability}; null in the first protocol
 */
public record Hello(
        String session,
        String service,
        String version,
        String host,
        @Nullable String serverVersion,
        List<Tool> tools,
        List<String> warnings,
        @Nullable Integer protocol,
        @Nullable List<String> capabilities) {
    /**
     * The header of every call in which an agent says which of the agents it is that its certificate names. May be left
     * out when that is one only.
     */
    public static final String INDEX_HEADER = "Holdfast-Agent-Index";

    /** The same with one more warning. */
    public Hello withWarning(String warning) {
        List<String> all = Stream.concat(warnings.stream(), Stream.of(warning)).toList();
        return new Hello(session, service, version, host, serverVersion, tools, all, protocol, capabilities);
    }

    /**
     * A program that the agent runs.
     *
     * @param name such as {@code pg_dump}
     * @param version such as {@code 16.16}
     * @param path where it lies
     * @param warning why this one should be replaced, or null
     */
    public record Tool(
            String name,
            String version,
            String path,
            @Nullable String warning) {}

    /**
     * The manager's answer.
     *
     * @param instanceId the id that the manager read from the certificate
     * @param heartbeatSeconds how often a running job reports
     * @param pollSeconds how long a claim may wait for a job
     * @param protocol the {@link ProtocolVersion} that is spoken from here on, at most the agent's; null for the first one
     */
    public record Welcome(
            String instanceId,
            int heartbeatSeconds,
            int pollSeconds,
            @Nullable Integer protocol) {}
}
