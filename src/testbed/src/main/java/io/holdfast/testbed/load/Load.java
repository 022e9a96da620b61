package io.holdfast.testbed.load;

import io.holdfast.format.json.Json;
import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.net.ssl.SSLContext;

/**
 * Fills a manager's catalogue, starts the manager, has agents wait for jobs, and measures. {@code scripts/load} says what
 * and how.
 */
public final class Load {
    private final Path folder;
    private final Properties options;
    private final List<String> command;
    private final Certificates certificates;
    private final String password;
    private final int port;
    private final int agentsPort;

    private Load(Path folder, Properties options, List<String> command) throws IOException {
        this.folder = folder;
        this.options = options;
        this.command = command;
        this.certificates = new Certificates(folder.resolve("certificates"));
        this.password = secret(folder.resolve("operator.password"));
        this.port = freePort();
        this.agentsPort = freePort();
    }

    /**
     * Runs it.
     *
     * @param args a folder to work in with a file {@code options}, and the command that starts a manager
     */
    public static void main(String[] args) throws IOException, SQLException, InterruptedException {
        if (args.length < 2) {
            System.err.println("arguments: FOLDER COMMAND...");
            System.exit(2);
        }
        Path folder = Path.of(args[0]);
        Properties options = new Properties();
        try (var in = Files.newBufferedReader(folder.resolve("options"))) {
            options.load(in);
        }
        new Load(folder, options, Arrays.asList(args).subList(1, args.length)).run();
        System.exit(0);
    }

    private int number(String option) {
        return Integer.parseInt(options.getProperty(option));
    }

    private void run() throws IOException, SQLException, InterruptedException {
        Path config = config();
        fill(config);
        List<String> jvmOptions = Files.readAllLines(folder.resolve("java.args"));
        long begin = System.nanoTime();
        try (ManagerProcess manager = new ManagerProcess(command, config, jvmOptions, folder.resolve("manager.log"))) {
            awaitReady(manager);
            say("the manager is ready after %.1f s".formatted((System.nanoTime() - begin) / 1e9));
            SSLContext trusting = certificates.trustingContext();
            Measurement measurement = new Measurement(
                    manager,
                    () -> new HttpsConnection(trusting, port, authorization("admin")),
                    () -> new HttpsConnection(trusting, port, authorization("metrics")),
                    number("instances"));
            measurement.run(
                    agents(),
                    number("agents"),
                    Arrays.stream(options.getProperty("rates").split(",", -1))
                            .map(Integer::valueOf)
                            .toList(),
                    Duration.ofSeconds(number("seconds")),
                    Duration.ofSeconds(number("work")));
        }
    }

    private String authorization(String user) {
        String text = user + ":" + password;
        return "Authorization: Basic "
                + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII))
                + "\r\n";
    }

    private Measurement.Agents agents() {
        return (number, crowd) -> {
            String instanceId = Catalogue.instanceId(number);
            return new SimulatedAgent(instanceId, certificates.agentContext(instanceId), agentsPort, crowd);
        };
    }

    /** Has the manager make its schema, and fills it. Leaves one that is full as it is. */
    private void fill(Path config) throws IOException, SQLException, InterruptedException {
        try (ManagerProcess manager =
                new ManagerProcess(command, config, List.of(), folder.resolve("manager-first.log"))) {
            awaitReady(manager);
        }
        try (Connection connection = database()) {
            int there = Catalogue.count(connection);
            if (there == 0) {
                long begin = System.nanoTime();
                new Catalogue(connection, number("instances"), number("backups")).fill();
                say("the catalogue is full after %.0f s".formatted((System.nanoTime() - begin) / 1e9));
            } else if (there != number("instances")) {
                throw new IllegalArgumentException("the database has " + there + " instances already");
            }
        }
    }

    private Connection database() throws SQLException {
        if (options.getProperty("database").equals("sqlite")) {
            return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("state/manager.db"));
        }
        Properties login = new Properties();
        login.put("user", options.getProperty("database_user"));
        login.put("password", options.getProperty("database_password"));
        login.put("reWriteBatchedInserts", "true");
        return DriverManager.getConnection(
                "jdbc:postgresql://" + options.getProperty("database_host") + ":" + options.getProperty("database_port")
                        + "/" + options.getProperty("database_name"),
                login);
    }

    private void awaitReady(ManagerProcess manager) throws InterruptedException {
        SSLContext trusting = certificates.trustingContext();
        while (true) {
            try (HttpsConnection connection = new HttpsConnection(trusting, port, "")) {
                if (connection.call("GET", "/readyz", "").status() == 200) {
                    return;
                }
            } catch (IOException e) {
                // Not yet.
            }
            if (!manager.isAlive()) {
                throw new IllegalStateException("the manager has ended; see its log in " + folder);
            }
            Thread.sleep(20);
        }
    }

    private Path config() throws IOException {
        Certificates.Issued tls = certificates.server("manager");
        Files.createDirectories(folder.resolve("store"));
        secret(folder.resolve("key_secret"));
        Map<String, Object> config = new HashMap<>(Map.of(
                "state_directory", folder.resolve("state").toString(),
                "listen", "127.0.0.1:" + port,
                "agents_listen", "127.0.0.1:" + agentsPort,
                "agents_url", "https://127.0.0.1:" + agentsPort,
                "tls",
                        Map.of(
                                "certificate_file", tls.certificateFile().toString(),
                                "private_key_file", tls.privateKeyFile().toString(),
                                "agents_ca_file", certificates.caFile().toString()),
                "operators", List.of(Map.of("name", "admin", "password", password)),
                "keys", Map.of("secret_file", folder.resolve("key_secret").toString()),
                "store",
                        Map.of(
                                "kind",
                                "directory",
                                "path",
                                folder.resolve("store").toString()),
                "metrics", Map.of("password", password)));
        // What is measured is to be the same at every hour.
        config.put("schedule", Map.of("cron", "0 0 29 2 *"));
        config.put("state_copy", Map.of("enabled", false));
        if (!options.getProperty("database").equals("sqlite")) {
            config.put(
                    "database",
                    Map.of(
                            "kind", options.getProperty("database"),
                            "host", options.getProperty("database_host"),
                            "port", number("database_port"),
                            "name", options.getProperty("database_name"),
                            "user", options.getProperty("database_user"),
                            "password", options.getProperty("database_password"),
                            "tls", false));
        }
        Path file = privateFile(folder.resolve("manager.json"));
        return Files.writeString(file, Json.mapper().writeValueAsString(config));
    }

    private static Path privateFile(Path file) throws IOException {
        Files.deleteIfExists(file);
        return Files.createFile(
                file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /** What is in a secret's file, made if it is not there. */
    private static String secret(Path file) throws IOException {
        if (Files.exists(file)) {
            return Files.readString(file);
        }
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        String text = HexFormat.of().formatHex(bytes);
        Files.writeString(privateFile(file), text);
        return text;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    static void say(String text) {
        System.out.println(text);
    }
}
