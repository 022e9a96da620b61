package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The numbers of the protocol between manager and agents. What is added that the other side may pass over keeps the number;
 * what the other side has to know gets the next one: see {@code docs/adr/0016-a-protocol-that-grows.md}.
 */
public final class ProtocolVersion {
    /** Of agents and managers that name no number, and refuse fields that they do not know. */
    public static final int FIRST = 1;

    /** The newest one here: with a call for the leave to replace live data. */
    public static final int NEWEST = 2;

    /** The oldest one here: that of the release before is spoken as well. */
    public static final int OLDEST = NEWEST - 1;

    private ProtocolVersion() {}

    /** The number that a message names, or the one of those that name none. */
    public static int named(@Nullable Integer number) {
        return number == null ? FIRST : number;
    }
}
