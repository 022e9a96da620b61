/**
 * Which backups are kept, and the run that has the others deleted. The decision is a pure function of catalogue rows;
 * the deletion itself is {@code backup.Deletion}'s, which checks what matters once more.
 */
@NullMarked
package io.holdfast.manager.retention;

import org.jspecify.annotations.NullMarked;
