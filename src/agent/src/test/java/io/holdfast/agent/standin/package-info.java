/** A stand-in for the manager and the store, so that the agent can be tested alone. */
@NullMarked
package io.holdfast.agent.standin;

import org.jspecify.annotations.NullMarked;
