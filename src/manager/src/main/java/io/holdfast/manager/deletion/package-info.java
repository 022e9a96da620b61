/** How backups leave: marked, held, deleted, and swept up after. */
@NullMarked
package io.holdfast.manager.deletion;

import org.jspecify.annotations.NullMarked;
