/**
 * Where backups lie: one {@link Store} interface, its implementations in packages of their own, and wrappers that add
 * retry and, in tests, faults.
 *
 * <p>A store knows keys and bytes. It knows nothing of instances, backups or encryption.
 */
@NullMarked
package io.holdfast.manager.store;

import org.jspecify.annotations.NullMarked;
