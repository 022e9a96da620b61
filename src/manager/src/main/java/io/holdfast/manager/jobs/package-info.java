/** The queue: who works on what, for how long, and what happens when an agent goes silent. */
@NullMarked
package io.holdfast.manager.jobs;

import org.jspecify.annotations.NullMarked;
