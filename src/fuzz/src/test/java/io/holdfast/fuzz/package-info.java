/**
 * Fuzzers: whatever is read from outside gets inputs that nobody thought of, made from real objects by changing them and
 * led by what of our code they reach. What a reader may throw is what its documentation says, and nothing else; memory
 * stays within a bound; what was read and is written again is the same.
 *
 * <p>{@link io.holdfast.fuzz.FuzzersTest} runs each of them in a process of its own.
 */
@NullMarked
package io.holdfast.fuzz;

import org.jspecify.annotations.NullMarked;
