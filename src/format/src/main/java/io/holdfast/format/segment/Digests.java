package io.holdfast.format.segment;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The hash of objects and lists. */
final class Digests {
    private Digests() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
