/** Finished backups read back to their end, so that damage is found long before a restore needs them. */
@NullMarked
package io.holdfast.manager.verification;

import org.jspecify.annotations.NullMarked;
