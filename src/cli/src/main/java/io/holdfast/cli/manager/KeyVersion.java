package io.holdfast.cli.manager;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A version of an instance's key as the API shows it: the public half. */
public record KeyVersion(
        int version, String recipient, @Nullable Instant createdAt, boolean current) {}
