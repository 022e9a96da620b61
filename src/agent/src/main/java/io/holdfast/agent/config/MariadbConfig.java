package io.holdfast.agent.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a MariaDB or MySQL server.
 *
 * @param kind {@code mariadb} or {@code mysql}
 * @param host a host name, an address, or the path of a socket
 * @param port of the server
 * @param user who dumps and restores
 * @param password the user's password, or null when the server asks for none
 * @param caFile who signed the server's certificate; null for a connection without TLS
 * @param schemas what is dumped; empty for all
 * @param toolDirectories folders with client programs; {@code *} stands for any name of one folder
 * @param idleTimeout how long a client program may neither take nor give a byte
 * @param toolTimeout how long a client program may run in all
 */
public record MariadbConfig(
        String kind,
        String host,
        int port,
        String user,
        @Nullable String password,
        @Nullable Path caFile,
        List<String> schemas,
        List<String> toolDirectories,
        Duration idleTimeout,
        Duration toolTimeout)
        implements AdapterConfig {
    /** Where Debian and Ubuntu install the client programs. */
    public static final List<String> DEFAULT_TOOL_DIRECTORIES = List.of("/usr/bin");

    /** The kind of MySQL's servers. */
    public static final String MYSQL = "mysql";

    public MariadbConfig {
        schemas = List.copyOf(schemas);
        toolDirectories = List.copyOf(toolDirectories);
    }

    /** Reads the settings and notes all mistakes in them. */
    static MariadbConfig read(String kind, SettingsReader settings) {
        List<String> directories = settings.texts("tool_directories");
        return new MariadbConfig(
                kind,
                settings.text("host"),
                settings.integer("port", 3306, 1, 65535),
                settings.text("user"),
                Password.read(settings),
                settings.optionalFile("ca_file"),
                settings.texts("schemas"),
                directories.isEmpty() ? DEFAULT_TOOL_DIRECTORIES : directories,
                Limits.idleTimeout(settings),
                Limits.toolTimeout(settings));
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        return "MariadbConfig[" + kind + " " + user + "@" + host + ":" + port + "]";
    }
}
