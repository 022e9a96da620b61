/** What {@code scripts/load} runs: a large catalogue, very many simulated agents, and a stop-watch. */
@NullMarked
package io.holdfast.testbed.load;

import org.jspecify.annotations.NullMarked;
