/**
 * What people see: tables, sizes and times, the progress of a job, questions. Knows nothing of the manager.
 *
 * <p>Text that comes from elsewhere is stripped of control characters before it reaches a terminal.
 */
@NullMarked
package io.holdfast.cli.terminal;

import org.jspecify.annotations.NullMarked;
