/**
 * Calls to the backup manager: JSON over mutual TLS, repeated as long as that can help.
 *
 * <p>One of the two packages that open connections.
 */
@NullMarked
package io.holdfast.agent.manager;

import org.jspecify.annotations.NullMarked;
