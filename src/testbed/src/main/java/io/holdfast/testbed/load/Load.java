package io.holdfast.testbed.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
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
    private final ManagerSetup setup;

    private Load(Path folder, Properties options, List<String> command) throws IOException {
        this.folder = folder;
        this.options = options;
        this.command = command;
        this.setup = new ManagerSetup(folder);
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
            setup.awaitReady(manager::isAlive);
            say("the manager is ready after %.1f s".formatted((System.nanoTime() - begin) / 1e9));
            SSLContext trusting = setup.certificates().trustingContext();
            Measurement measurement = new Measurement(
                    manager,
                    () -> new HttpsConnection(trusting, setup.port(), setup.authorization("admin")),
                    () -> new HttpsConnection(trusting, setup.port(), setup.authorization("metrics")),
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

    private Measurement.Agents agents() {
        return (number, crowd) -> {
            String instanceId = Catalogue.instanceId(number);
            return new SimulatedAgent(
                    instanceId, setup.certificates().agentContext(instanceId), setup.agentsPort(), crowd);
        };
    }

    /** Has the manager make its schema, and fills it. Leaves one that is full as it is. */
    private void fill(Path config) throws IOException, SQLException, InterruptedException {
        try (ManagerProcess manager =
                new ManagerProcess(command, config, List.of(), folder.resolve("manager-first.log"))) {
            setup.awaitReady(manager::isAlive);
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

    private Path config() throws IOException {
        if (options.getProperty("database").equals("sqlite")) {
            return setup.config(Map.of());
        }
        return setup.config(Map.of(
                "database",
                Map.of(
                        "kind", options.getProperty("database"),
                        "host", options.getProperty("database_host"),
                        "port", number("database_port"),
                        "name", options.getProperty("database_name"),
                        "user", options.getProperty("database_user"),
                        "password", options.getProperty("database_password"),
                        "tls", false)));
    }

    static void say(String text) {
        System.out.println(text);
    }
}
