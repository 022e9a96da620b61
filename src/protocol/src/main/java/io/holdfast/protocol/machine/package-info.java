/**
 * What manager and agent alike need of the machine that they run on: files that are replaced as a whole, pauses before another
 * try, and the way to let a process die at a point of a test's choosing.
 *
 * <p>It knows neither of them.
 */
@NullMarked
package io.holdfast.protocol.machine;

import org.jspecify.annotations.NullMarked;
