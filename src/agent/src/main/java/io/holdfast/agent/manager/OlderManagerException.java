package io.holdfast.agent.manager;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The manager is of a release that this agent cannot work for. */
public final class OlderManagerException extends IOException {
    private static final long serialVersionUID = 1L;

    OlderManagerException(String message, @Nullable Throwable cause) {
        super(
                message + (cause == null ? "" : " (" + cause.getMessage() + ")")
                        + ": it has to be upgraded first, to this agent's release",
                cause);
    }
}
