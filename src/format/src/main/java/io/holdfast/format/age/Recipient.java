package io.holdfast.format.age;

/** Somebody a file can be encrypted to. */
public sealed interface Recipient permits X25519Recipient, PassphraseRecipient {}
