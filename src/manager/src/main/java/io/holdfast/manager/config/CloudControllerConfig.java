package io.holdfast.manager.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Who knows what app developers may do: Cloud Foundry's Cloud Controller.
 *
 * @param url such as {@code https://api.cf.example}
 * @param caFile who signed its certificate, besides whom the JVM trusts, or null
 */
public record CloudControllerConfig(URI url, @Nullable Path caFile) {
    static @Nullable CloudControllerConfig read(SettingsReader settings) {
        return settings.optionalText("url") == null
                ? null
                : new CloudControllerConfig(ManagerConfig.url(settings, "url"), settings.optionalFile("ca_file"));
    }
}
