/** The command line client's start. */
@NullMarked
package io.holdfast.cli;

import org.jspecify.annotations.NullMarked;
