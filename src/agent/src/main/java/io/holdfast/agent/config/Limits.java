package io.holdfast.agent.config;

import io.holdfast.agent.process.Command;
import io.holdfast.protocol.settings.SettingsReader;
import java.time.Duration;

/** The settings that limit how long programs may take. */
final class Limits {
    private Limits() {}

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
