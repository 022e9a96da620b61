/** The queue: who works on what, for how long, and what happens when an agent goes silent. What a job is for is told how it goes. */
@NullMarked
package io.holdfast.manager.jobs;

import org.jspecify.annotations.NullMarked;
