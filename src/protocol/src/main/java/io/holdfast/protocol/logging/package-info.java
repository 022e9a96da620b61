/**
 * How manager and agent write their log. Whoever has a say in what is logged, such as an agent with the text of its
 * failure, must not be able to write lines of its own into it, nor to steer the terminal of who reads it.
 */
@NullMarked
package io.holdfast.protocol.logging;

import org.jspecify.annotations.NullMarked;
