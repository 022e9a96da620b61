package io.holdfast.agent.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to reach RabbitMQ's management API.
 *
 * @param host a host name or an address
 * @param port of the API
 * @param user with the tag {@code administrator}
 * @param password the user's password
 * @param caFile who signed the API's certificate; null for a connection without TLS
 * @param vhosts what is backed up, all when empty
 * @param idleTimeout how long the server may say nothing
 */
public record RabbitmqConfig(
        String host,
        int port,
        String user,
        String password,
        @Nullable Path caFile,
        List<String> vhosts,
        Duration idleTimeout)
        implements AdapterConfig {
    private static final int PORT = 15672;
    private static final int TLS_PORT = 15671;

    public RabbitmqConfig {
        vhosts = List.copyOf(vhosts);
    }

    /** Reads the settings and notes all mistakes in them. */
    static RabbitmqConfig read(SettingsReader settings) {
        Path caFile = settings.optionalFile("ca_file");
        String password = Password.read(settings);
        if (password == null) {
            settings.mistake("password", "or password_file must be given");
        }
        return new RabbitmqConfig(
                settings.text("host"),
                settings.integer("port", caFile == null ? PORT : TLS_PORT, 1, 65535),
                settings.text("user"),
                password == null ? "" : password,
                caFile,
                settings.texts("vhosts"),
                Limits.idleTimeout(settings));
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        return "RabbitmqConfig[" + user + "@" + host + ":" + port + "]";
    }
}
