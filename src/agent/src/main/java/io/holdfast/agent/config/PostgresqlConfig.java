package io.holdfast.agent.config;

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
        Duration toolTimeout) {
    /** Where Debian and Ubuntu install PostgreSQL's programs. */
    public static final List<String> DEFAULT_TOOL_DIRECTORIES = List.of("/usr/lib/postgresql/*/bin");

    public PostgresqlConfig {
        toolDirectories = List.copyOf(toolDirectories);
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        return "PostgresqlConfig[" + user + "@" + host + ":" + port + "]";
    }
}
