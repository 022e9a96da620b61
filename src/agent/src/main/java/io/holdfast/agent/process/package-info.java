/**
 * Runs the data services' own programs: argument lists only, never a shell; every exit code awaited, standard error kept
 * as a bounded excerpt, time limits, and no process left behind.
 *
 * <p>The only package that starts processes.
 */
@NullMarked
package io.holdfast.agent.process;

import org.jspecify.annotations.NullMarked;
