/** The queue: who works on what, for how long, and what happens when he is not heard of. */
@NullMarked
package io.holdfast.manager.jobs;

import org.jspecify.annotations.NullMarked;
