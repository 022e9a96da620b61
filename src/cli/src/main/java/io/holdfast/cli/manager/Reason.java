package io.holdfast.cli.manager;

import org.jspecify.annotations.Nullable;

/** Why a job failed: one of the API's failure codes, what happened, what to do. */
public record Reason(
        String code, @Nullable String message, @Nullable String hint) {}
