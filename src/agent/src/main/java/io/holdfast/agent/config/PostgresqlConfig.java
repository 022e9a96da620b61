package io.holdfast.agent.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a PostgreSQL server.
 *
 * @param host a host name, an address, or the folder of a socket
 * @param port of the server
 * @param user a superuser
 * @param password the user's password, or null when the server asks for none
 * @param maintenanceDatabase a database that always exists, to ask for the others
 * @param toolDirectories folders with client programs; {@code *} stands for any name of one folder
 * @param refuseUnsafeTools whether client programs older than the fixed minor releases are refused
 * @param idleTimeout how long a client program may neither take nor give a byte
 * @param toolTimeout how long a client program may run in all
 */
public record PostgresqlConfig(
        String host,
        int port,
        String user,
        @Nullable String password,
        String maintenanceDatabase,
        List<String> toolDirectories,
        boolean refuseUnsafeTools,
        Duration idleTimeout,
        Duration toolTimeout)
        implements AdapterConfig {
    /** Where Debian and Ubuntu install PostgreSQL's programs. */
    public static final List<String> DEFAULT_TOOL_DIRECTORIES = List.of("/usr/lib/postgresql/*/bin");

    public PostgresqlConfig {
        toolDirectories = List.copyOf(toolDirectories);
    }

    /** Reads the settings and notes all mistakes in them. */
    static PostgresqlConfig read(SettingsReader settings) {
        String database = settings.optionalText("maintenance_database");
        List<String> directories = settings.texts("tool_directories");
        return new PostgresqlConfig(
                settings.text("host"),
                settings.integer("port", 5432, 1, 65535),
                settings.text("user"),
                Password.read(settings),
                database == null ? "postgres" : database,
                directories.isEmpty() ? DEFAULT_TOOL_DIRECTORIES : directories,
                settings.flag("refuse_unsafe_tools", false),
                Limits.idleTimeout(settings),
                Limits.toolTimeout(settings));
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        return "PostgresqlConfig[" + user + "@" + host + ":" + port + "]";
    }
}
