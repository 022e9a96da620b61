package io.holdfast.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A real MySQL server on a free port of 127.0.0.1, with its files in a temporary folder, run by the user {@code mysql} when the caller is
 * root. It writes a binary log with GTIDs. The account {@code root@localhost} has a password made for this server.
 */
public final class MysqlServer implements AutoCloseable {
    private static final String USER = "mysql";
    private static final String ROOT = "root";

    private final ServerProcess process = new ServerProcess("mysql", USER, Map.of());
    private final int port = ServerProcess.freePort();
    private final String password = ServerProcess.newPassword();
    private final List<String> options;
    private int optionFiles;

    private MysqlServer(List<String> options) {
        this.options = List.copyOf(options);
        List<String> command =
                new ArrayList<>(List.of("mysqld", "--no-defaults", "--initialize-insecure", "--datadir=" + data()));
        command.addAll(options);
        process.run(command, "");
    }

    /** Makes a server and starts it, with options beside those that every one has. */
    public static MysqlServer start(String... options) {
        MysqlServer server = new MysqlServer(List.of(options));
        server.restart();
        server.process.run(
                server.client(ROOT, ""), "ALTER USER root@localhost IDENTIFIED BY '" + server.password + "';");
        return server;
    }

    public String host() {
        return "127.0.0.1";
    }

    public int port() {
        return port;
    }

    /** The path of the server's socket. */
    public String socket() {
        return process.folder().resolve("socket").toString();
    }

    /** The server's own certificate authority. */
    public Path authority() {
        return process.folder().resolve("data").resolve("ca.pem");
    }

    /** Runs SQL as {@code root} and gives the rows as text with tabs; fails at the first error. */
    public String sql(String sql) {
        return sql(ROOT, password, sql);
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
                "mysqldump",
                "--defaults-file=" + optionFile(ROOT, password),
                "--routines",
                "--events",
                "--hex-blob",
                "--skip-comments",
                "--order-by-primary",
                "--set-gtid-purged=OFF",
                "--column-statistics",
                "--databases",
                "--"));
        command.addAll(schemas);
        // The server remembers whether a column's character set was said beside its collation, which says it too.
        return process.run(command, "").replaceAll(" CHARACTER SET \\w+ COLLATE ", " COLLATE ");
    }

    /** All accounts but the given one and {@code root}, with their rights. */
    public String accounts(String without) {
        StringBuilder accounts = new StringBuilder();
        String rows = sql("SELECT QUOTE(User), QUOTE(Host) FROM mysql.user WHERE User <> '" + without
                + "' AND User NOT IN ('mysql.sys', 'mysql.session', 'mysql.infoschema', 'root') ORDER BY User, Host");
        // Names may have carriage returns in them.
        for (String row : rows.isEmpty() ? List.<String>of() : List.of(rows.split("\n", -1))) {
            String[] columns = row.split("\t", -1);
            String account = columns[0] + "@" + columns[1];
            String rights = sql("SET SESSION print_identified_with_as_hex = 1; SHOW CREATE USER " + account
                    + "; SHOW GRANTS FOR " + account);
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
                "mysqld",
                "--no-defaults",
                "--datadir=" + data(),
                "--socket=" + socket(),
                "--port=" + port,
                "--tmpdir=" + process.folder(),
                "--bind-address=127.0.0.1",
                "--pid-file=" + process.folder().resolve("pid"),
                "--mysqlx=OFF",
                "--skip-name-resolve",
                "--gtid-mode=ON",
                "--enforce-gtid-consistency=ON",
                "--log-bin-trust-function-creators=ON",
                "--partial-revokes=ON",
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
                "mysql",
                "--defaults-file=" + optionFile(user, itsPassword),
                "--binary-mode",
                "--batch",
                "--raw",
                "--skip-column-names");
    }

    /** A password among the arguments is warned of, in the middle of the answers. */
    private Path optionFile(String user, String itsPassword) {
        try {
            Path file = process.folder().resolve("client-" + optionFiles++ + ".cnf");
            Files.writeString(
                    file,
                    "[client]\nuser=\"" + user + "\"\npassword=\"" + itsPassword.replace("\\", "\\\\") + "\"\nsocket="
                            + socket() + "\ndefault-character-set=utf8mb4\n");
            process.own(file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String data() {
        return process.folder().resolve("data").toString();
    }
}
