/** How a command can end: the exit codes, and the one exception that carries an error to the person at the terminal. */
@NullMarked
package io.holdfast.cli.outcome;

import org.jspecify.annotations.NullMarked;
