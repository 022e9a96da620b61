/**
 * What operators' clients see, in one place for all that take their requests: how a request names things, and the shapes and
 * errors of answers.
 */
@NullMarked
package io.holdfast.manager.wire;

import org.jspecify.annotations.NullMarked;
