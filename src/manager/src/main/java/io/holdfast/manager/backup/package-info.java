/** What happens to a backup after its upload: committed, read back, restored from, deleted, swept up after. */
@NullMarked
package io.holdfast.manager.backup;

import org.jspecify.annotations.NullMarked;
