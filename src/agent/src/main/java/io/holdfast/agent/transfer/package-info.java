/**
 * Moves sealed segments between the agent and the store through signed addresses that the manager hands out, several at once,
 * with bounded memory.
 *
 * <p>One of the two packages that open connections. It knows no store's SDK: an upload is a {@code PUT} of one object, a
 * download is a {@code GET}.
 */
@NullMarked
package io.holdfast.agent.transfer;

import org.jspecify.annotations.NullMarked;
