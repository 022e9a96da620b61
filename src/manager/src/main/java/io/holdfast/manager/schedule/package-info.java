/** Starts backups by the clock: each slot of an instance's schedule becomes one job, whoever runs it and how often. */
@NullMarked
package io.holdfast.manager.schedule;

import org.jspecify.annotations.NullMarked;
