package io.holdfast.manager.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.time.Duration;

/**
 * Logins at the dashboard.
 *
 * @param idle after how long without use a session ends
 * @param longest after how long it ends in any case
 */
public record LoginConfig(Duration idle, Duration longest) {
    static LoginConfig read(SettingsReader settings) {
        return new LoginConfig(
                Duration.ofMinutes(settings.integer("idle_minutes", 30, 1, 1440)),
                Duration.ofHours(settings.integer("longest_hours", 12, 1, 168)));
    }
}
