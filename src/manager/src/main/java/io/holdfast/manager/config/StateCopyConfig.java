package io.holdfast.manager.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.time.Duration;

/**
 * Copies of the manager's own database in the store.
 *
 * @param enabled whether they are made
 * @param every how old the newest one may become
 * @param keep how many stay
 */
public record StateCopyConfig(boolean enabled, Duration every, int keep) {
    static StateCopyConfig read(SettingsReader settings) {
        return new StateCopyConfig(
                settings.flag("enabled", true),
                Duration.ofSeconds(settings.integer("every_seconds", 86_400, 1, 31_536_000)),
                settings.integer("keep", 7, 1, 1000));
    }
}
