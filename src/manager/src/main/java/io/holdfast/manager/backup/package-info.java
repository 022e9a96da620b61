/** Backups: asked for, uploaded, committed, and listed from then on. */
@NullMarked
package io.holdfast.manager.backup;

import org.jspecify.annotations.NullMarked;
