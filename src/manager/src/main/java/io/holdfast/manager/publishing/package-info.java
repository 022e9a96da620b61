/** How an upload becomes a backup: addresses for its segments, proof that they are stored, the list and the manifest. */
@NullMarked
package io.holdfast.manager.publishing;

import org.jspecify.annotations.NullMarked;
