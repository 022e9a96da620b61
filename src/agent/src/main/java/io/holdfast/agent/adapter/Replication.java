package io.holdfast.agent.adapter;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a node stands to the other nodes of its instance.
 *
 * @param replica whether it follows another node, and takes no writes
 * @param behind how old its data is beside the primary's, as far as it can tell; null when it does not follow now, or
 *     cannot tell. Of no meaning on a primary
 */
public record Replication(boolean replica, @Nullable Duration behind) {
    /** A node that takes writes. */
    public static final Replication PRIMARY = new Replication(false, null);

    /** A node that follows another. */
    public static Replication replica(@Nullable Duration behind) {
        return new Replication(true, behind);
    }
}
