package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The numbers of the protocol between manager and agents. What is added that the other side may pass over keeps the number;
 * what the other side has to know gets the next one: see {@code docs/adr/0016-a-protocol-that-grows.md}.
 */
public final class ProtocolVersion {
    /** Of agents and managers that name no number, and refuse fields that they do not know. */
    public static final int FIRST = 1;

    /** The newest one here: backups are segments, each stored by one request. */
    public static final int NEWEST = 3;

    /** The oldest one here. Agents and managers of an earlier one store what this release does not read. */
    public static final int OLDEST = 3;

    private ProtocolVersion() {}

    /** The number that a message names, or the one of those that name none. */
    public static int named(@Nullable Integer number) {
        return number == null ? FIRST : number;
    }
}
