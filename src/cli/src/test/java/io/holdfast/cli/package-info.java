/** Tests of the command line client, run as the program is: arguments in; output, files and exit code out. */
@NullMarked
package io.holdfast.cli;

import org.jspecify.annotations.NullMarked;
