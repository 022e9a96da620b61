package io.holdfast.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real MySQL server. It writes a binary log with GTIDs. */
public final class MysqlServer extends SqlServer {
    private int optionFiles;

    private MysqlServer(List<String> options) {
        super("mysql", options);
    }

    /** Makes a server and starts it, with options beside those that every one has. */
    public static MysqlServer start(String... options) {
        MysqlServer server = new MysqlServer(List.of(options));
        List<String> command = new ArrayList<>(
                List.of("mysqld", "--no-defaults", "--initialize-insecure", "--datadir=" + server.data()));
        command.addAll(List.of(options));
        server.create(command, "ALTER USER root@localhost IDENTIFIED BY '" + server.password() + "';");
        return server;
    }

    /** The server's own certificate authority. */
    public Path authority() {
        return Path.of(data(), "ca.pem");
    }

    @Override
    List<String> server() {
        return List.of(
                "mysqld",
                "--pid-file=" + process().folder().resolve("pid"),
                "--mysqlx=OFF",
                "--gtid-mode=ON",
                "--enforce-gtid-consistency=ON",
                "--log-bin-trust-function-creators=ON",
                "--partial-revokes=ON");
    }

    @Override
    List<String> client(String user, String itsPassword) {
        return List.of(
                "mysql",
                "--defaults-file=" + optionFile(user, itsPassword),
                "--binary-mode",
                "--batch",
                "--raw",
                "--skip-column-names");
    }

    @Override
    List<String> dump() {
        return List.of(
                "mysqldump",
                "--defaults-file=" + optionFile(ROOT, password()),
                "--set-gtid-purged=OFF",
                "--column-statistics");
    }

    /** The server remembers whether a column's character set was said beside its collation, which says it too. */
    @Override
    String inOneSpelling(String dump) {
        return dump.replaceAll(" CHARACTER SET \\w+ COLLATE ", " COLLATE ");
    }

    @Override
    String accountsQuery() {
        return "SELECT QUOTE(User), QUOTE(Host), 'N' FROM mysql.user"
                + " WHERE User NOT IN ('mysql.sys', 'mysql.session', 'mysql.infoschema')";
    }

    @Override
    String session() {
        return "SET SESSION print_identified_with_as_hex = 1;";
    }

    /** A password among the arguments is warned of, in the middle of the answers. */
    private Path optionFile(String user, String itsPassword) {
        try {
            Path file = process().folder().resolve("client-" + optionFiles++ + ".cnf");
            Files.writeString(
                    file,
                    "[client]\nuser=\"" + user + "\"\npassword=\"" + itsPassword.replace("\\", "\\\\") + "\"\nsocket="
                            + socket() + "\ndefault-character-set=utf8mb4\n");
            process().own(file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
