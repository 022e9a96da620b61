package io.holdfast.agent.config;

import io.holdfast.agent.process.Command;
import io.holdfast.protocol.settings.SettingsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        int toolTimeout = settings.integer("tool_timeout_seconds", 0, 0, Integer.MAX_VALUE);
        return new PostgresqlConfig(
                settings.text("host"),
                settings.integer("port", 5432, 1, 65535),
                settings.text("user"),
                password(settings),
                database == null ? "postgres" : database,
                directories.isEmpty() ? DEFAULT_TOOL_DIRECTORIES : directories,
                settings.flag("refuse_unsafe_tools", false),
                Duration.ofSeconds(settings.integer("idle_timeout_seconds", 3600, 1, Integer.MAX_VALUE)),
                toolTimeout == 0 ? Command.UNLIMITED : Duration.ofSeconds(toolTimeout));
    }

    private static @Nullable String password(SettingsReader settings) {
        String password = settings.optionalText("password");
        Path file = settings.optionalFile("password_file");
        if (file == null) {
            return password;
        }
        if (password != null) {
            settings.mistake("password", "must not stand beside password_file");
        }
        try {
            return Files.isReadable(file) ? Files.readString(file).strip() : null;
        } catch (IOException e) {
            settings.mistake("password_file", "names a file that cannot be read: " + file);
            return null;
        }
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        return "PostgresqlConfig[" + user + "@" + host + ":" + port + "]";
    }
}
