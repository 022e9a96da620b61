/**
 * Keeps the catalogue and the store together: what exists is what the store's manifests say, and from them and the master
 * key alone a lost catalogue is rebuilt.
 */
@NullMarked
package io.holdfast.manager.catalogue;

import org.jspecify.annotations.NullMarked;
