/**
 * The signed record of an instance: its owner, its life, and its key versions with the wrapped identities.
 *
 * <p>One file has all of it, so that nobody who can write to the store can put parts of one state beside parts of another.
 * What such a writer can still do is in {@code docs/format.md}.
 */
@NullMarked
package io.holdfast.format.instance;

import org.jspecify.annotations.NullMarked;
