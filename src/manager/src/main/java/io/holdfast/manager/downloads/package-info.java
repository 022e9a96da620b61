/** How backups are downloaded, and what the directory store takes and gives itself. */
@NullMarked
package io.holdfast.manager.downloads;

import org.jspecify.annotations.NullMarked;
