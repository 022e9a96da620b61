package io.holdfast.format.age;

/** A secret that opens files which were encrypted to its recipient. */
public sealed interface Identity permits X25519Identity, PassphraseIdentity {}
