/** Backup policies: when an instance is backed up, and which of its backups are kept. */
@NullMarked
package io.holdfast.manager.policy;

import org.jspecify.annotations.NullMarked;
