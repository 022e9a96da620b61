package io.holdfast.manager.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.net.URI;
import java.time.Duration;

/**
 * Downloads of backups by their users.
 *
 * @param enabled whether there are any
 * @param url where callers reach the manager, for addresses that lead to it
 * @param validFor how long an address is good; a download that has begun by then goes on
 */
public record DownloadConfig(boolean enabled, URI url, Duration validFor) {
    /**
     * Reads the settings.
     *
     * @param usual where callers reach the manager, as far as its other settings tell
     */
    static DownloadConfig read(SettingsReader settings, URI usual) {
        // Longer than seven days no S3 store signs.
        return new DownloadConfig(
                settings.flag("enabled", true),
                settings.optionalText("url") == null ? usual : ManagerConfig.url(settings, "url"),
                Duration.ofSeconds(settings.integer("valid_seconds", 3600, 60, 604_800)));
    }
}
