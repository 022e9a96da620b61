package io.holdfast.agent.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a Redis or Valkey server.
 *
 * @param kind {@code redis} or {@code valkey}
 * @param host a host name or an address
 * @param port of the server
 * @param user the ACL user, or null for the one without a name
 * @param password the user's password, or null when the server asks for none
 * @param caFile who signed the server's certificate; null for a connection without TLS
 * @param scratchAddress the address of this machine at which the server can reach a second one during a restore
 * @param toolDirectories folders with the server program; {@code *} stands for any name of one folder
 * @param idleTimeout how long the server may neither take nor give a byte
 * @param toolTimeout how long a step of a restore may take
 */
public record RedisConfig(
        String kind,
        String host,
        int port,
        @Nullable String user,
        @Nullable String password,
        @Nullable Path caFile,
        String scratchAddress,
        List<String> toolDirectories,
        Duration idleTimeout,
        Duration toolTimeout)
        implements AdapterConfig {
    /** Where Debian and Ubuntu install the server program. */
    public static final List<String> DEFAULT_TOOL_DIRECTORIES = List.of("/usr/bin");

    private static final String DEFAULT_USER = "default";

    public RedisConfig {
        toolDirectories = List.copyOf(toolDirectories);
    }

    /** Reads the settings and notes all mistakes in them. */
    static RedisConfig read(String kind, SettingsReader settings) {
        List<String> directories = settings.texts("tool_directories");
        String scratch = settings.optionalText("scratch_address");
        String user = settings.optionalText("user");
        String password = Password.read(settings);
        if (user != null && password == null && !user.equals(DEFAULT_USER)) {
            settings.mistake(
                    "password", "or password_file must be given with user: only the user default can do without");
        }
        return new RedisConfig(
                kind,
                settings.text("host"),
                settings.integer("port", 6379, 1, 65535),
                user,
                password,
                settings.optionalFile("ca_file"),
                scratch == null ? "127.0.0.1" : scratch,
                directories.isEmpty() ? DEFAULT_TOOL_DIRECTORIES : directories,
                Limits.idleTimeout(settings),
                Limits.toolTimeout(settings));
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        return "RedisConfig[" + kind + " " + user + "@" + host + ":" + port + "]";
    }
}
