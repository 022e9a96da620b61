package io.holdfast.agent.config;

import io.holdfast.agent.process.Command;
import io.holdfast.protocol.settings.SettingsReader;
import java.time.Duration;

/** What limits how long programs and services may take. */
public final class Limits {
    private static final Duration IN_PASSING = Duration.ofMinutes(1);

    private Limits() {}

    /** How long a service may say nothing to a question that holds up all else that the agent does. */
    public static Duration inPassing(Duration idleTimeout) {
        return idleTimeout.compareTo(IN_PASSING) < 0 ? idleTimeout : IN_PASSING;
    }

    /** {@code idle_timeout_seconds}: how long a program may neither take nor give a byte. */
    static Duration idleTimeout(SettingsReader settings) {
        return Duration.ofSeconds(settings.integer("idle_timeout_seconds", 3600, 1, Integer.MAX_VALUE));
    }

    /** {@code tool_timeout_seconds}: how long a program may run in all. */
    static Duration toolTimeout(SettingsReader settings) {
        int seconds = settings.integer("tool_timeout_seconds", 0, 0, Integer.MAX_VALUE);
        return seconds == 0 ? Command.UNLIMITED : Duration.ofSeconds(seconds);
    }
}
