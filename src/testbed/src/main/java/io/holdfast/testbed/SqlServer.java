package io.holdfast.testbed;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A real MariaDB or MySQL server on a free port of 127.0.0.1, with its files in a temporary folder, run by the user {@code mysql} when the
 * caller is root. The account {@code root@localhost} has a password made for this server.
 */
public abstract class SqlServer implements AutoCloseable {
    static final String ROOT = "root";

    private static final String USER = "mysql";

    private final ServerProcess process;
    private final int port;
    private final String password;
    private final Path socket;
    private final List<String> options;

    /** @param options beside those that every server has */
    SqlServer(String name, List<String> options) {
        this.process = new ServerProcess(name, USER, Map.of());
        this.port = FreePorts.one();
        this.password = ServerProcess.newPassword();
        this.socket = process.folder().resolve("socket");
        this.options = new ArrayList<>(options);
    }

    /** One that somebody else has started, and stops. */
    SqlServer(String name, int port, String password, Path socket) {
        this.process = new ServerProcess(name, USER, Map.of());
        this.port = port;
        this.password = password;
        this.socket = socket;
        this.options = List.of();
    }

    /** The program, and options that only this product has. */
    abstract List<String> server();

    /** The program that runs SQL from its standard input as a user, and its options. */
    abstract List<String> client(String user, String itsPassword);

    /** The program that writes schemas as SQL, and options that only this product has. */
    abstract List<String> dump();

    /** What a dump has in one of several spellings, in one of them. */
    String inOneSpelling(String dump) {
        return dump;
    }

    /** A query for the names and hosts of all accounts, quoted, and {@code Y} for one without a host. */
    abstract String accountsQuery();

    /** Goes before what an account is and may. */
    abstract String session();

    /** Makes the server's files and starts it. */
    void create(List<String> command, String sql) {
        process.run(command, "");
        restart();
        process.run(client(ROOT, ""), sql);
    }

    /** More options, from the next start on. */
    void add(List<String> more) {
        options.addAll(more);
    }

    ServerProcess process() {
        return process;
    }

    String data() {
        return process.folder().resolve("data").toString();
    }

    public String host() {
        return "127.0.0.1";
    }

    public int port() {
        return port;
    }

    /** The path of the server's socket. */
    public String socket() {
        return socket.toString();
    }

    /** The password of {@code root@localhost}. */
    public String password() {
        return password;
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
        List<String> command = new ArrayList<>(dump());
        command.addAll(List.of(
                "--routines", "--events", "--hex-blob", "--skip-comments", "--order-by-primary", "--databases", "--"));
        command.addAll(schemas);
        return inOneSpelling(process.run(command, ""));
    }

    /** All accounts but the given one and {@code root}, with their rights. */
    public String accounts(String without) {
        StringBuilder accounts = new StringBuilder();
        String rows = sql(accountsQuery() + " AND User NOT IN ('" + without + "', 'root') ORDER BY User, Host");
        // Names may have carriage returns in them.
        for (String row : rows.isEmpty() ? List.<String>of() : List.of(rows.split("\n", -1))) {
            String[] columns = row.split("\t", -1);
            boolean role = columns[2].equals("Y");
            String account = role ? columns[0] : columns[0] + "@" + columns[1];
            String rights =
                    sql(session() + (role ? "" : "SHOW CREATE USER " + account + ";") + "SHOW GRANTS FOR " + account);
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
        List<String> own = server();
        List<String> command = new ArrayList<>(List.of(
                own.getFirst(),
                "--no-defaults",
                "--datadir=" + data(),
                "--socket=" + socket,
                "--port=" + port,
                // A server that starts removes all temporary tables that it finds in there, those of others too.
                "--tmpdir=" + process.folder(),
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                "--innodb-flush-log-at-trx-commit=2",
                "--innodb-buffer-pool-size=64M",
                "--event-scheduler=ON"));
        command.addAll(own.subList(1, own.size()));
        command.addAll(options);
        process.start(command, () -> ServerProcess.accepts(port));
    }

    @Override
    public void close() {
        process.close();
    }
}
