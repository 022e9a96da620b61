package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.PrivateFile;
import io.holdfast.agent.config.PostgresqlConfig;
import io.holdfast.agent.process.Command;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How client programs reach the server. Database names go into connection URIs, where every byte that is not a letter or
 * digit is percent-encoded: no name can be taken for an option or for a connection string, and none depends on the
 * locale. The password goes into a file that only this user can read.
 */
final class Server implements AutoCloseable {
    /** Settings of the user or the database that would get in the way. */
    private static final String OPTIONS = "-c statement_timeout=0 -c lock_timeout=0"
            + " -c idle_in_transaction_session_timeout=0 -c default_transaction_read_only=off"
            + " -c standard_conforming_strings=on";

    private final PostgresqlConfig config;
    private final PrivateFile passwordFile;

    Server(PostgresqlConfig config, Path runDirectory) throws IOException {
        this.config = config;
        String password = config.password();
        this.passwordFile = PrivateFile.write(
                runDirectory,
                "pgpass",
                password == null
                        ? ""
                        : "*:*:*:*:" + password.replace("\\", "\\\\").replace(":", "\\:") + "\n");
    }

    String user() {
        return config.user();
    }

    String maintenanceDatabase() {
        return config.maintenanceDatabase();
    }

    /** Whether the server's files may be on this machine's disks. */
    boolean local() {
        return config.host().startsWith("/")
                || List.of("localhost", "127.0.0.1", "::1").contains(config.host());
    }

    /** The connection URI of a database, see libpq's "Connection URIs". */
    String uri(String database) {
        return "postgresql:///" + encoded(database) + "?host=" + encoded(config.host()) + "&port=" + config.port()
                + "&user=" + encoded(config.user());
    }

    /** A client program's call. */
    Command command(Path program, List<String> arguments) {
        return command(program, arguments, config.idleTimeout(), config.toolTimeout());
    }

    /** A client program's call with limits of its own. */
    Command command(Path program, List<String> arguments, Duration idle, Duration limit) {
        return new Command(
                Stream.concat(Stream.of(program.toString()), arguments.stream()).toList(),
                Map.of(
                        "PGPASSFILE", passwordFile.path().toString(),
                        "PGCONNECT_TIMEOUT", "10",
                        "PGCLIENTENCODING", "UTF8",
                        "PGAPPNAME", "holdfast",
                        "PGOPTIONS", OPTIONS,
                        "HOME", "/nonexistent"),
                idle,
                limit);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        passwordFile.close();
    }
}
