package io.holdfast.agent.adapter;

import io.holdfast.protocol.Hello;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter has found.
 *
 * @param serverVersion the service's version, or null when it cannot be asked
 * @param tools the programs that would be used
 * @param warnings sentences for an operator
 */
public record ServiceInspection(@Nullable String serverVersion, List<Hello.Tool> tools, List<String> warnings) {}
