package io.holdfast.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis or Valkey server (the system property {@code tests.redis.server} names another program than Redis' own of
 * the machine) on a free port of 127.0.0.1, with its files in a temporary folder, run by the user of the product's name
 * when the caller is root. It has an append-only file and a file of users, so that it survives a crash. The user
 * {@code default} has a password made for this server.
 */
public final class RedisServer implements AutoCloseable {
    private static final Path PROGRAM = Path.of(System.getProperty("tests.redis.server", "/usr/bin/redis-server"));

    private final ServerProcess process = new ServerProcess(product(), product(), Map.of());
    private final int port;
    private final String password;

    private final int tlsPort = FreePorts.one();

    private RedisServer(int port, String password) {
        this.port = port;
        this.password = password;
    }

    private RedisServer(Certificates.@Nullable Issued certificate, List<String> settings) {
        this(FreePorts.one(), ServerProcess.newPassword());
        try {
            write("redis.conf", """
                    bind 127.0.0.1
                    port %d
                    dir %s
                    aclfile %s/users.acl
                    save ""
                    appendonly yes
                    appendfsync no
                    repl-diskless-sync yes
                    repl-diskless-sync-delay 0
                    """.formatted(port, process.folder(), process.folder()));
            if (certificate != null) {
                Path config = process.folder().resolve("redis.conf");
                String tls = "tls-port %d\ntls-cert-file %s\ntls-key-file %s\ntls-auth-clients no\n"
                        .formatted(
                                tlsPort,
                                process.copy(certificate.certificateFile()),
                                process.copy(certificate.privateKeyFile()));
                Files.writeString(config, tls, StandardOpenOption.APPEND);
            }
            Files.write(process.folder().resolve("redis.conf"), settings, StandardOpenOption.APPEND);
            write("users.acl", "user default on >" + password + " ~* &* +@all\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a server and starts it. */
    public static RedisServer start() {
        return started(new RedisServer(null, List.of()));
    }

    /** The same with further lines of its configuration, which count more than the others. */
    public static RedisServer startWith(String... settings) {
        return started(new RedisServer(null, List.of(settings)));
    }

    /** The same, with a further port on which it speaks TLS. */
    public static RedisServer start(Certificates.Issued certificate) {
        return started(new RedisServer(certificate, List.of()));
    }

    private static RedisServer started(RedisServer server) {
        server.restart();
        return server;
    }

    /**
     * A server of an older version: the system property {@code tests.redis.older} is the port of one that runs already, with
     * the password {@code older}; without it, one more of this version.
     */
    public static RedisServer older() {
        Integer running = Integer.getInteger("tests.redis.older");
        return running == null ? start() : new RedisServer(running, "older");
    }

    /** {@code redis} or {@code valkey}. */
    public static String product() {
        return String.valueOf(PROGRAM.getFileName()).replace("-server", "");
    }

    /** The server's program. */
    public static Path program() {
        return PROGRAM;
    }

    /** Where the server's program is. */
    public static List<String> toolDirectories() {
        return List.of(String.valueOf(PROGRAM.getParent()));
    }

    private static String client() {
        return PROGRAM.resolveSibling(product() + "-cli").toString();
    }

    public String host() {
        return "127.0.0.1";
    }

    public int port() {
        return port;
    }

    /** The port with TLS, where it has a certificate. */
    public int tlsPort() {
        return tlsPort;
    }

    /** The password of the user {@code default}. */
    public String password() {
        return password;
    }

    /** Runs one command in database 0; fails when it does. */
    public String call(String... command) {
        List<String> words = new ArrayList<>(List.of(client(), "-e", "-p", Integer.toString(port), "--raw"));
        words.addAll(List.of("--no-auth-warning", "-a", password));
        words.addAll(List.of(command));
        return process.run(words, "").strip();
    }

    /** Runs commands, one a line; fails only when the server cannot be reached. */
    public String calls(String lines) {
        return process.run(
                List.of(client(), "-p", Integer.toString(port), "--raw", "--no-auth-warning", "-a", password), lines);
    }

    /** Ends the server as a crash would. */
    public void kill() {
        process.kill();
    }

    /** Makes the process stand still, with all its connections; {@link #resume} lets it go on. */
    public void suspend() {
        process.signal("STOP");
    }

    /** Lets it go on. */
    public void resume() {
        process.signal("CONT");
    }

    /** Starts it again after a crash, on the same port. */
    public void restart() {
        process.start(
                List.of(
                        PROGRAM.toString(),
                        process.folder().resolve("redis.conf").toString()),
                () -> ServerProcess.accepts(port) && call("DBSIZE").matches("\\d+"));
    }

    @Override
    public void close() {
        process.close();
    }

    private void write(String name, String text) throws IOException {
        Path file = Files.writeString(process.folder().resolve(name), text);
        process.own(file);
    }
}
