package io.holdfast.manager.keys;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Bytes that compare by content and print as nothing. */
public final class Wrapped {
    private final byte[] bytes;

    public Wrapped(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Wrapped wrapped && Arrays.equals(bytes, wrapped.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "wrapped";
    }
}
