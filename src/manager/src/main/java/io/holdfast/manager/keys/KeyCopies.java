package io.holdfast.manager.keys;

import org.jspecify.annotations.Nullable;

/**
 * An identity as it is to be kept, see {@link KeyVersion}.
 *
 * @param passphraseWrapped null for none
 */
public record KeyCopies(Wrapped wrapped, @Nullable Wrapped passphraseWrapped, boolean managed) {}
