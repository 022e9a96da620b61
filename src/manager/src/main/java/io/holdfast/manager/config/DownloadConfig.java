package io.holdfast.manager.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.time.Duration;

/**
 * Downloads of backups by their users.
 *
 * @param enabled whether there are any
 * @param validFor how long an address is good; a download that has begun by then goes on
 */
public record DownloadConfig(boolean enabled, Duration validFor) {
    static DownloadConfig read(SettingsReader settings) {
        // Longer than seven days no S3 store signs.
        return new DownloadConfig(
                settings.flag("enabled", true),
                Duration.ofSeconds(settings.integer("valid_seconds", 3600, 60, 604_800)));
    }
}
