/**
 * One attempt at a job, as all its parts see it: how it is told to stop, how it fails, how far it is, and the points at
 * which tests let the agent die.
 *
 * <p>Nothing here does work of its own, and nothing here knows the other packages.
 */
@NullMarked
package io.holdfast.agent.attempt;

import org.jspecify.annotations.NullMarked;
