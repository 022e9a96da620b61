package io.holdfast.cli.manager;

import org.jspecify.annotations.Nullable;

/** How far a running job is. {@code bytesIn} counts plaintext, {@code estimatedBytes} is its expected total. */
public record Progress(
        @Nullable String phase,
        @Nullable String detail,
        @Nullable Long bytesIn,
        @Nullable Long bytesOut,
        @Nullable Long estimatedBytes) {}
