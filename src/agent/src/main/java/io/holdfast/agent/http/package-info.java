/**
 * How all of the agent's clients open their connections, and send small bodies. Whether a call is made again is theirs to know.
 */
@NullMarked
package io.holdfast.agent.http;

import org.jspecify.annotations.NullMarked;
