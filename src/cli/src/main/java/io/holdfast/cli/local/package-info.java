/**
 * What is done with files alone, without a manager: opening identities, decrypting segments, checking folders of a
 * store. Reads {@code docs/format.md}'s files; writes nothing but what it is asked for.
 */
@NullMarked
package io.holdfast.cli.local;

import org.jspecify.annotations.NullMarked;
