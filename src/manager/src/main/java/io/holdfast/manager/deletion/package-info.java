/** How backups leave: marked, held, deleted, and their garbage collected. */
@NullMarked
package io.holdfast.manager.deletion;

import org.jspecify.annotations.NullMarked;
