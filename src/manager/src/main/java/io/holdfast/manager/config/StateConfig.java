package io.holdfast.manager.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the manager's state lies: catalogue, queue, wrapped keys. */
public sealed interface StateConfig {
    /** Reads it from the settings of the whole manager. */
    static StateConfig read(SettingsReader settings) {
        SettingsReader database = settings.object("database");
        String kind = database.optionalText("kind");
        if (kind == null || kind.equals("sqlite")) {
            return new EmbeddedState(Path.of(settings.text("state_directory")));
        }
        if (!kind.equals("postgresql")) {
            database.mistake("kind", "must be sqlite or postgresql");
        }
        // It may stand there: a manager that moves to PostgreSQL keeps it until nobody wants to go back.
        settings.optionalText("state_directory");
        return PostgresqlState.from(database);
    }

    /**
     * An SQLite database of one manager.
     *
     * @param directory where it lies
     */
    record EmbeddedState(Path directory) implements StateConfig {}

    /**
     * A PostgreSQL database that several managers may share.
     *
     * @param name the database's name
     * @param encrypted whether the connection is by TLS, and the server's certificate and name are verified
     * @param caFile who signed that certificate, as PEM, or null for what the JVM trusts
     */
    record PostgresqlState(
            String host,
            int port,
            String name,
            String user,
            String password,
            boolean encrypted,
            @Nullable Path caFile) implements StateConfig {
        private static final int USUAL_PORT = 5432;

        private static PostgresqlState from(SettingsReader settings) {
            return new PostgresqlState(
                    settings.text("host"),
                    settings.integer("port", USUAL_PORT, 1, 65_535),
                    settings.text("name"),
                    settings.text("user"),
                    settings.text("password"),
                    settings.flag("tls", true),
                    settings.optionalFile("ca_file"));
        }

        @Override
        public String toString() {
            return "PostgresqlState[" + user + "@" + host + ":" + port + "/" + name + "]";
        }
    }
}
