package io.holdfast.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL server on a free port of 127.0.0.1, with its files in a temporary folder, run by the user
 * {@code postgres} when the caller is root (PostgreSQL refuses root). The superuser {@code postgres} has a password made
 * for this cluster. Closing it stops the server and deletes the files; so does the end of the JVM.
 */
public final class PostgresCluster implements AutoCloseable {
    /** The superuser, and the operating system's user. */
    public static final String USER = "postgres";

    private static final int PROGRAM_SECONDS = 120;

    private final Path bin;
    private final Path directory;
    private final int port;
    private final String password;
    private final Map<String, String> settings;
    private final Thread atEnd = new Thread(this::stopAndDelete, "postgres-cluster-end");
    private @Nullable Process server;

    private PostgresCluster(Path bin, Path directory, int port, String password, Map<String, String> settings) {
        this.bin = bin;
        this.directory = directory;
        this.port = port;
        this.password = password;
        this.settings = settings;
    }

    /** Starts a server with default settings. */
    public static PostgresCluster start() {
        return start(Map.of());
    }

    /**
     * Starts a server.
     *
     * @param settings of {@code postgresql.conf}, such as {@code max_connections}
     */
    public static PostgresCluster start(Map<String, String> settings) {
        try {
            return startIn(Files.createTempDirectory("holdfast-postgres"), settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a server whose databases have the ICU's root collation unless they say otherwise. */
    public static PostgresCluster startWithIcu() {
        try {
            return startIn(
                    Files.createTempDirectory("holdfast-postgres"),
                    Map.of(),
                    List.of("--locale-provider=icu", "--icu-locale=und"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a server whose first role, which owns all that is the server's, has another name than {@link #USER}. */
    public static PostgresCluster startWithBootstrapRole(String role) {
        try {
            PostgresCluster cluster =
                    startIn(Files.createTempDirectory("holdfast-postgres"), Map.of(), List.of("--username=" + role));
            cluster.psql(
                    "postgres", role, "CREATE ROLE %s SUPERUSER LOGIN PASSWORD '%s'".formatted(USER, cluster.password));
            return cluster;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a server with its files in an empty folder, which is deleted at the end. */
    public static PostgresCluster startIn(Path directory, Map<String, String> settings) {
        return startIn(directory, settings, List.of());
    }

    private static PostgresCluster startIn(Path directory, Map<String, String> settings, List<String> initdb) {
        try {
            byte[] secret = new byte[16];
            new SecureRandom().nextBytes(secret);
            PostgresCluster cluster = new PostgresCluster(
                    newestBin(), directory, FreePorts.one(), HexFormat.of().formatHex(secret), Map.copyOf(settings));
            Runtime.getRuntime().addShutdownHook(cluster.atEnd);
            cluster.initialize(initdb);
            cluster.startServer();
            return cluster;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A server that somebody else has started and stops.
     *
     * @param bin the folder with client programs of its version
     * @param password of its superuser {@code postgres}
     */
    public static PostgresCluster running(Path bin, int port, String password) {
        return new PostgresCluster(bin, bin, port, password, Map.of());
    }

    /** Starts a standby of another server, with its users and passwords, which follows it by streaming. */
    public static PostgresCluster replicaOf(PostgresCluster primary) {
        try {
            PostgresCluster replica = new PostgresCluster(
                    primary.bin,
                    Files.createTempDirectory("holdfast-postgres"),
                    FreePorts.one(),
                    primary.password,
                    primary.settings);
            Runtime.getRuntime().addShutdownHook(replica.atEnd);
            replica.copy(primary);
            replica.startServer();
            return replica;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void copy(PostgresCluster primary) throws IOException {
        own(directory);
        Path passwords = Files.writeString(directory.resolve("pgpass"), "*:*:*:*:" + password + "\n");
        Files.setPosixFilePermissions(passwords, PosixFilePermissions.fromString("rw-------"));
        own(passwords);
        run(
                bin.resolve("pg_basebackup").toString(),
                "--dbname=host=127.0.0.1 port=" + primary.port + " user=" + USER + " passfile=" + passwords,
                "--pgdata=" + data(),
                "--write-recovery-conf",
                "--wal-method=stream",
                "--checkpoint=fast",
                "--no-sync");
    }

    /** Makes a standby a server that takes writes. */
    public void promote() {
        psql(USER, "SELECT pg_promote()");
    }

    public String host() {
        return "127.0.0.1";
    }

    public int port() {
        return port;
    }

    /** The superuser's password. */
    public String password() {
        return password;
    }

    /** The folder with all of the server's files. */
    public Path directory() {
        return directory;
    }

    /** The folder with the programs of this server's version. */
    public Path bin() {
        return bin;
    }

    /** Runs SQL as the superuser and gives the rows as unaligned text; fails at the first error. */
    public String psql(String database, String sql) {
        return psql(database, USER, sql);
    }

    /** The same as another user, whose password must be that of the cluster. */
    public String psql(String database, String user, String sql) {
        String uri = "postgresql:///" + encoded(database) + "?host=127.0.0.1&port=" + port + "&user=" + encoded(user);
        return client(
                sql,
                "psql",
                "--no-psqlrc",
                "--quiet",
                "--no-align",
                "--tuples-only",
                "--set=ON_ERROR_STOP=1",
                "--dbname=" + uri);
    }

    /**
     * The whole server as {@code pg_dumpall} writes it, to compare it with another time: roles, databases with all that
     * belongs to them, and every row. Without databases that a restore keeps, and without what differs in each dump.
     */
    public String dumpAll() {
        String dump = client(
                "",
                "pg_dumpall",
                "--exclude-database=holdfast_*",
                "--host=127.0.0.1",
                "--port=" + port,
                "--username=" + USER);
        return dump.lines()
                .filter(line -> !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
                .collect(Collectors.joining("\n"));
    }

    private String client(String input, String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(bin.resolve(program).toString()));
        command.addAll(List.of(arguments));
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("PGPASSWORD", password);
            builder.environment().put("PGCLIENTENCODING", "UTF8");
            Process process = builder.start();
            Thread.ofVirtual().start(() -> feed(process, input));
            String output;
            try (InputStream in = process.getInputStream()) {
                output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
            if (process.waitFor() != 0) {
                throw new IllegalStateException(program + " failed: " + output.strip());
            }
            return output.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Stops the server at once, as a crash would, and starts it again on the same port. */
    public void crashAndRestart() {
        crash();
        startAgain();
    }

    /** Stops the server at once, as a crash would. */
    public void crash() {
        try {
            pgCtl("immediate");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a server that has crashed on the same port. */
    public void startAgain() {
        try {
            startServer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (server != null) {
            Runtime.getRuntime().removeShutdownHook(atEnd);
            stopAndDelete();
        }
    }

    private void initialize(List<String> more) throws IOException {
        own(directory);
        Path passwordFile = directory.resolve("password");
        Files.writeString(passwordFile, password + "\n");
        own(passwordFile);
        List<String> command = new ArrayList<>(List.of(
                bin.resolve("initdb").toString(),
                "--pgdata=" + data(),
                "--username=" + USER,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync"));
        command.addAll(more);
        run(command.toArray(String[]::new));
        Files.delete(passwordFile);
    }

    /** Gives a file to the user that the server runs as. */
    private void own(Path file) throws IOException {
        if (runsAsRoot()) {
            UserPrincipal owner =
                    directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER);
            Files.setOwner(file, owner);
        }
    }

    private void startServer() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                bin.resolve("postgres").toString(),
                "-D",
                data().toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=" + directory,
                "-c",
                "fsync=off",
                // Each connection is a process that copies the table of these pages.
                "-c",
                "shared_buffers=16MB"));
        settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        Path log = directory.resolve("server.log");
        server = builder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PROGRAM_SECONDS);
        while (builder(List.of(bin.resolve("pg_isready").toString(), "-h", "127.0.0.1", "-p", Integer.toString(port)))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .onExit()
                        .join()
                        .exitValue()
                != 0) {
            if (System.nanoTime() > end || !server.isAlive()) {
                throw new IOException("PostgreSQL did not start: " + Files.readString(log));
            }
            pause();
        }
    }

    private void stopAndDelete() {
        try {
            if (server != null && server.isAlive()) {
                pgCtl("immediate");
            }
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                    Files.delete(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void pgCtl(String mode) throws IOException {
        run(bin.resolve("pg_ctl").toString(), "stop", "--pgdata=" + data(), "--mode=" + mode, "--wait");
    }

    private Path data() {
        return directory.resolve("data");
    }

    private void run(String... command) throws IOException {
        Process process = builder(List.of(command)).redirectErrorStream(true).start();
        String output;
        try (InputStream in = process.getInputStream()) {
            output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException(command[0] + " failed: " + output);
        }
    }

    private ProcessBuilder builder(List<String> command) {
        List<String> all = new ArrayList<>();
        if (runsAsRoot()) {
            all.addAll(List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--init-groups", "--"));
        }
        all.addAll(command);
        return new ProcessBuilder(all).directory(directory.toFile());
    }

    private static boolean runsAsRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static Path newestBin() throws IOException {
        Path versions = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(versions)) {
            try (Stream<Path> found = Files.list(versions)) {
                return found.filter(version -> Files.isExecutable(version.resolve("bin/initdb")))
                        .max(Comparator.comparing(
                                version -> Integer.valueOf(version.getFileName().toString())))
                        .map(version -> version.resolve("bin"))
                        .orElseThrow(PostgresCluster::missing);
            }
        }
        throw missing();
    }

    private static IOException missing() {
        return new IOException("no PostgreSQL in /usr/lib/postgresql: install Debian's package postgresql");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static void feed(Process process, String input) {
        try (OutputStream out = process.getOutputStream()) {
            out.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // psql ended early: its exit code tells.
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
