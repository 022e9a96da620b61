package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.PrivateFile;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.config.PostgresqlConfig;
import io.holdfast.agent.process.Command;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How client programs reach the server. Database names go into connection URIs, where every byte that is not a letter or
 * digit is percent-encoded: no name can be taken for an option or for a connection string, and none depends on the
 * locale. The password goes into a file that only this user can read.
 */
final class Server implements AutoCloseable {
    /** In place of what a role's or a database's own settings may say, for every session. */
    private static final String OPTIONS = "-c role=none -c statement_timeout=0 -c lock_timeout=0"
            + " -c idle_in_transaction_session_timeout=0 -c default_transaction_read_only=off"
            + " -c standard_conforming_strings=on";

    /** The first version in which event triggers can be switched off for a session; on login they fire there too. */
    private static final int EVENT_TRIGGERS_OFF = 17;

    /**
     * For sessions that write into restored databases: no trigger fires, event triggers neither, unless it was made to fire
     * always; a NULL in an array is one.
     */
    private static final String RESTORING = " -c session_replication_role=replica -c array_nulls=on";

    private final PostgresqlConfig config;
    private final Path runDirectory;
    private final PrivateFile passwordFile;

    /** The server's major version, or 0 while nobody knows it. */
    private volatile int major;

    Server(PostgresqlConfig config, Path runDirectory) throws IOException {
        this.config = config;
        this.runDirectory = runDirectory;
        String password = config.password();
        this.passwordFile = PrivateFile.write(
                runDirectory,
                "pgpass",
                password == null
                        ? ""
                        : "*:*:*:*:" + password.replace("\\", "\\\\").replace(":", "\\:") + "\n");
    }

    /** A private folder for files that are needed only while the agent runs. */
    Path runDirectory() {
        return runDirectory;
    }

    String user() {
        return config.user();
    }

    String maintenanceDatabase() {
        return config.maintenanceDatabase();
    }

    /** A version to go by while nobody knows the server's: it is no newer than the programs that can be used with it. */
    void isAtMost(ToolVersion tools) {
        if (major == 0) {
            major = tools.major();
        }
    }

    /** The server's major version; 0 while nobody knows it. */
    int major() {
        return major;
    }

    /** Notes the server's version, as it says. */
    void is(ServerFacts facts) {
        major = facts.major();
    }

    /**
     * Whether a connection failed because the server does not know how to switch event triggers off, or does not let this
     * user do so. Then it is not asked again.
     */
    boolean refusesEventTriggers(JobException failure) {
        // The name of a setting, which no server translates; the client library gives no code for it.
        boolean refuses = major >= EVENT_TRIGGERS_OFF
                && String.valueOf(failure.getMessage()).contains("event_triggers");
        if (refuses) {
            major = 0;
        }
        return refuses;
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
        return command(program, arguments, false);
    }

    /**
     * The same.
     *
     * @param restoring whether it writes into databases that are being restored
     */
    Command command(Path program, List<String> arguments, boolean restoring) {
        String options =
                OPTIONS + (major >= EVENT_TRIGGERS_OFF ? " -c event_triggers=off" : "") + (restoring ? RESTORING : "");
        return new Command(
                Stream.concat(Stream.of(program.toString()), arguments.stream()).toList(),
                Map.of(
                        "PGPASSFILE", passwordFile.path().toString(),
                        "PGCONNECT_TIMEOUT", "10",
                        "PGCLIENTENCODING", "UTF8",
                        "PGAPPNAME", "holdfast",
                        "PGOPTIONS", options,
                        "HOME", "/nonexistent"),
                config.idleTimeout(),
                config.toolTimeout());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        passwordFile.close();
    }
}
