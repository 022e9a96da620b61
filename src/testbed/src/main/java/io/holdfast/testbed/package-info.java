/** Real servers that tests, the demo and the benchmark start and stop for themselves. */
@NullMarked
package io.holdfast.testbed;

import org.jspecify.annotations.NullMarked;
