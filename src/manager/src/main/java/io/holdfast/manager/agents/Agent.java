package io.holdfast.manager.agents;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.NodeRole;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.annotation.JsonSerialize;

/**
 * An agent.
 *
 * @param position its index among the instance's agents, from its certificate
 * @param online whether it was seen recently
 * @param refused whether operators do not let it in any more
 * @param role of its node, or null
 * @param certificate with which it said hello; null when it did so to an older manager
 */
public record Agent(
        String instanceId,
        @JsonProperty("index") int position,
        boolean online,
        boolean refused,
        @JsonSerialize(using = LowerCase.class) @Nullable NodeRole role,
        String version,
        String host,
        @Nullable AgentCertificate certificate,
        String service,
        @Nullable String serverVersion,
        Instant lastSeenAt,
        List<Hello.Tool> tools,
        List<String> warnings,
        int protocol,
        List<String> capabilities,
        @Nullable AgentMemory memory) {

    /** As the API has all such values; the messages of agents have them in capitals. */
    static final class LowerCase extends ValueSerializer<NodeRole> {
        @Override
        public void serialize(NodeRole role, JsonGenerator to, SerializationContext context) {
            to.writeString(role.name().toLowerCase(Locale.ROOT));
        }
    }
}
