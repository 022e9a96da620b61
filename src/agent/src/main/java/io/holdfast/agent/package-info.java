/** The backup agent's start. */
@NullMarked
package io.holdfast.agent;

import org.jspecify.annotations.NullMarked;
