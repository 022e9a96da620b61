package io.holdfast.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A real MariaDB server on a free port of 127.0.0.1, with its files in a temporary folder, run by the user {@code mysql}
 * when the caller is root. The account {@code root@localhost} has a password made for this server.
 */
public final class MariadbServer implements AutoCloseable {
    private static final String USER = "mysql";

    private final ServerProcess process = new ServerProcess("mariadb", USER, Map.of());
    private final int port;
    private final String password;
    private final Path socket;
    private final List<String> options;

    private MariadbServer(List<String> options) {
        this.port = ServerProcess.freePort();
        this.password = ServerProcess.newPassword();
        this.socket = process.folder().resolve("socket");
        this.options = new ArrayList<>(options);
        process.run(
                List.of(
                        "mariadb-install-db",
                        "--no-defaults",
                        "--datadir=" + data(),
                        "--tmpdir=" + process.folder(), // as below
                        "--auth-root-authentication-method=normal",
                        "--skip-test-db",
                        "--skip-name-resolve"),
                "");
    }

    private MariadbServer(int port, String password, Path socket) {
        this.port = port;
        this.password = password;
        this.socket = socket;
        this.options = List.of();
    }

    /**
     * A server that somebody else has started on 127.0.0.1, and stops.
     *
     * @param password of its {@code root@localhost}
     */
    public static MariadbServer running(int port, String password, Path socket) {
        return new MariadbServer(port, password, socket);
    }

    /** Makes a server that takes nobody without TLS from outside of this machine's sockets, and starts it. */
    public static MariadbServer start(Certificates.Issued certificate) {
        MariadbServer server = start();
        server.kill();
        try {
            server.options.addAll(List.of(
                    "--require-secure-transport=ON",
                    "--ssl-cert=" + server.process.copy(certificate.certificateFile()),
                    "--ssl-key=" + server.process.copy(certificate.privateKeyFile())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.restart();
        return server;
    }

    /** Makes a server and starts it, with options beside those that every one has. */
    public static MariadbServer start(String... options) {
        MariadbServer server = new MariadbServer(List.of(options));
        server.restart();
        String sql = "ALTER USER root@localhost IDENTIFIED BY '" + server.password + "'; DROP USER root@'127.0.0.1';"
                + " DROP USER IF EXISTS root@'::1'; DELETE FROM mysql.global_priv WHERE User = ''"
                + " OR (User = 'root' AND Host <> 'localhost'); FLUSH PRIVILEGES;";
        server.process.run(server.client("root", ""), sql);
        return server;
    }

    public String host() {
        return "127.0.0.1";
    }

    public int port() {
        return port;
    }

    /** The password of {@code root@localhost}. */
    public String password() {
        return password;
    }

    /** Runs SQL as {@code root} and gives the rows as text with tabs; fails at the first error. */
    public String sql(String sql) {
        return sql("root", password, sql);
    }

    /** The same as another user, in one connection. */
    public String sql(String user, String itsPassword, String sql) {
        return process.run(client(user, itsPassword), sql).strip();
    }

    /**
     * All schemas as the server's own program writes them, to compare them with another time; without those that are named,
     * and those in which restores keep what they have replaced.
     */
    public String dumpAll(String... without) {
        List<String> schemas =
                new ArrayList<>(sql("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME"
                                + " NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys')"
                                + " AND SCHEMA_NAME NOT LIKE 'holdfast\\_restore\\_%' ORDER BY SCHEMA_NAME")
                        .lines()
                        .toList());
        schemas.removeAll(List.of(without));
        if (schemas.isEmpty()) {
            return "";
        }
        List<String> command = new ArrayList<>(List.of(
                "mariadb-dump",
                "--no-defaults",
                "--socket=" + socket(),
                "--user=root",
                "--password=" + password,
                "--routines",
                "--events",
                "--hex-blob",
                "--skip-comments",
                "--order-by-primary",
                "--databases",
                "--"));
        command.addAll(schemas);
        return process.run(command, "");
    }

    /** All accounts but the given one and {@code root}, with their rights. */
    public String accounts(String without) {
        StringBuilder accounts = new StringBuilder();
        String rows = sql("SELECT QUOTE(User), QUOTE(Host), is_role FROM mysql.user WHERE User <> '" + without
                + "' AND User NOT IN ('mariadb.sys', 'root') ORDER BY User, Host");
        // Names may have carriage returns in them.
        for (String row : rows.isEmpty() ? List.<String>of() : List.of(rows.split("\n", -1))) {
            String[] columns = row.split("\t", -1);
            boolean role = columns[2].equals("Y");
            String account = role ? columns[0] : columns[0] + "@" + columns[1];
            String rights = sql((role ? "" : "SHOW CREATE USER " + account + ";") + "SHOW GRANTS FOR " + account);
            // The server gives them in an order that a restart changes.
            rights.lines().sorted().forEach(right -> accounts.append(right).append('\n'));
        }
        return accounts.toString();
    }

    /** Ends the server as a crash would. */
    public void kill() {
        process.kill();
    }

    /** Starts it again after a crash, on the same port. */
    public void restart() {
        List<String> command = new ArrayList<>(List.of(
                "mariadbd",
                "--no-defaults",
                "--datadir=" + data(),
                "--socket=" + socket(),
                "--port=" + port,
                // A server that starts removes all temporary tables that it finds in there, those of others too.
                "--tmpdir=" + process.folder(),
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                "--innodb-flush-log-at-trx-commit=2",
                "--innodb-buffer-pool-size=64M",
                "--event-scheduler=ON"));
        command.addAll(options);
        process.start(command, () -> ServerProcess.accepts(port));
    }

    @Override
    public void close() {
        process.close();
    }

    private List<String> client(String user, String itsPassword) {
        return List.of(
                "mariadb",
                "--no-defaults",
                "--skip-ssl", // which newer programs demand else, and older servers do not offer
                "--socket=" + socket(),
                "--user=" + user,
                "--password=" + itsPassword,
                "--default-character-set=utf8mb4",
                "--batch",
                "--raw",
                "--skip-column-names");
    }

    private String socket() {
        return socket.toString();
    }

    private String data() {
        return process.folder().resolve("data").toString();
    }
}
