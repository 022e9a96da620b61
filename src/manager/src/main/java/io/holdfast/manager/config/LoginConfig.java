package io.holdfast.manager.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Logins at the dashboard, and who knows the platform's users.
 *
 * @param idle after how long without use a session ends
 * @param longest after how long it ends in any case
 * @param openid the identity provider, or null when there is none
 */
public record LoginConfig(
        Duration idle, Duration longest, @Nullable Openid openid) {
    static LoginConfig read(SettingsReader settings) {
        Duration idle = Duration.ofMinutes(settings.integer("idle_minutes", 30, 1, 1440));
        Duration longest = Duration.ofHours(settings.integer("max_hours", 12, 1, 168));
        SettingsReader openid = settings.object("openid");
        return new LoginConfig(
                idle, longest, openid.optionalText("issuer") == null ? null : Openid.read(settings, openid));
    }

    /**
     * An OpenID provider, such as UAA.
     *
     * @param issuer as it is in its tokens; its discovery document is below
     * @param url where browsers reach the dashboard; the provider sends them back there
     * @param clientSecret of this manager at the provider
     * @param scopes what is asked for when somebody logs in
     * @param operatorGroup the scope or group whose members are operators, or null when nobody is by that
     * @param audience what access tokens of app developers have to be meant for
     * @param caFile who signed the provider's certificate, besides whom the JVM trusts, or null
     */
    public record Openid(
            URI issuer,
            URI url,
            String clientId,
            String clientSecret,
            List<String> scopes,
            @Nullable String operatorGroup,
            String audience,
            @Nullable Path caFile) {
        private static Openid read(SettingsReader login, SettingsReader settings) {
            List<String> scopes = settings.texts("scopes");
            String audience = settings.optionalText("audience");
            return new Openid(
                    ManagerConfig.url(settings, "issuer"),
                    ManagerConfig.url(login, "url"),
                    settings.text("client_id"),
                    settings.text("client_secret"),
                    scopes.isEmpty() ? List.of("openid") : scopes,
                    settings.optionalText("operator_group"),
                    audience == null ? "cloud_controller" : audience,
                    settings.optionalFile("ca_file"));
        }

        @Override
        public String toString() {
            return "Openid[" + issuer + ", " + clientId + "]";
        }
    }
}
