package io.holdfast.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** A real MariaDB server. */
public final class MariadbServer extends SqlServer {
    private static final String NAME = "mariadb";

    private MariadbServer(List<String> options) {
        super(NAME, options);
    }

    private MariadbServer(int port, String password, Path socket) {
        super(NAME, port, password, socket);
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
            server.add(List.of(
                    "--require-secure-transport=ON",
                    "--ssl-cert=" + server.process().copy(certificate.certificateFile()),
                    "--ssl-key=" + server.process().copy(certificate.privateKeyFile())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.restart();
        return server;
    }

    /** Makes a server and starts it, with options beside those that every one has. */
    public static MariadbServer start(String... options) {
        MariadbServer server = new MariadbServer(List.of(options));
        server.create(
                List.of(
                        "mariadb-install-db",
                        "--no-defaults",
                        "--datadir=" + server.data(),
                        "--tmpdir=" + server.process().folder(), // as when it runs
                        "--auth-root-authentication-method=normal",
                        "--skip-test-db",
                        "--skip-name-resolve"),
                "ALTER USER root@localhost IDENTIFIED BY '" + server.password() + "'; DROP USER root@'127.0.0.1';"
                        + " DROP USER IF EXISTS root@'::1'; DELETE FROM mysql.global_priv WHERE User = ''"
                        + " OR (User = 'root' AND Host <> 'localhost'); FLUSH PRIVILEGES;");
        return server;
    }

    @Override
    List<String> server() {
        return List.of("mariadbd");
    }

    @Override
    List<String> client(String user, String itsPassword) {
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

    @Override
    List<String> dump() {
        return List.of(
                "mariadb-dump", "--no-defaults", "--socket=" + socket(), "--user=" + ROOT, "--password=" + password());
    }

    @Override
    String accountsQuery() {
        return "SELECT QUOTE(User), QUOTE(Host), is_role FROM mysql.user WHERE User <> 'mariadb.sys'";
    }

    @Override
    String session() {
        return "";
    }
}
