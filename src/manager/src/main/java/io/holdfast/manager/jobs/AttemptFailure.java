package io.holdfast.manager.jobs;

import io.holdfast.protocol.FailureCode;
import org.jspecify.annotations.Nullable;

/** Why an attempt ended without success. */
public record AttemptFailure(
        FailureCode code, String message, @Nullable String hint) {}
