package io.holdfast.cli.manager;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A refusal of agents as the API shows it. */
public record RefusedAgent(
        String kind,
        String value,
        String reason,
        String refusedBy,
        @Nullable Instant refusedAt) {}
