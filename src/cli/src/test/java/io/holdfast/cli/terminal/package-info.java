/** Tests of what people see. */
@NullMarked
package io.holdfast.cli.terminal;

import org.jspecify.annotations.NullMarked;
