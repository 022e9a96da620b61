/**
 * Trees of files as tar streams, by GNU tar: written, looked at as they pass by, and extracted only as far as they stay within
 * their folder. The adapters that back up folders are made of it.
 *
 * <p>It knows no adapter, and no setting of one.
 */
@NullMarked
package io.holdfast.agent.adapter.tar;

import org.jspecify.annotations.NullMarked;
