/**
 * The agent's work: waits for jobs and runs backups and restores, one at a time, while a heartbeat keeps the lease.
 */
@NullMarked
package io.holdfast.agent.work;

import org.jspecify.annotations.NullMarked;
