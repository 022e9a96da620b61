/**
 * A store in a folder of this machine, for one manager, served by it through signed addresses.
 *
 * <p>Objects are plain files below the root, so that they can be read without Holdfast. Beside them is one hidden
 * folder, {@code .temporary}, for files on their way into place. A file appears under its name only when it is whole and forced to disk, and so does its folder.
 *
 * <p>Nothing here knows HTTP: the manager's server hands paths, queries and bodies over and turns
 * {@link io.holdfast.manager.store.StoreException}s into answers.
 */
@NullMarked
package io.holdfast.manager.store.directory;

import org.jspecify.annotations.NullMarked;
