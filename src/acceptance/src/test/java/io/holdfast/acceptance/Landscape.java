package io.holdfast.acceptance;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.json.Json;
import io.holdfast.manager.ManagerInThisJvm;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.FreePorts;
import io.holdfast.testbed.PostgresCluster;
import io.holdfast.testbed.S3ProxyServer;
import io.holdfast.testbed.TcpBalancer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A manager, agents and PostgreSQL servers, all real and all on 127.0.0.1, with their files in one folder. */
final class Landscape implements AutoCloseable {
    static final String OPERATOR = "admin";
    static final String METRICS_PASSWORD = "metrics are for one only";

    static final int ALERT_MB = 384;
    private static final int MOST_REPLICA_LAG_SECONDS = 2;

    private final Path folder;
    private final Certificates certificates;
    private final String password;
    private final Map<String, Object> store;
    private final ManagerSettings settings = new ManagerSettings();
    private final int managerPort = FreePorts.one();
    private final int agentsPort = FreePorts.one();
    private final X25519Identity master;
    private final X25519Identity recovery;
    private final List<AutoCloseable> running = new ArrayList<>();
    private final Map<Integer, ManagerPorts> beside = new HashMap<>();
    private final Map<String, JavaProcess> agentProcesses = new HashMap<>();
    private @Nullable JavaProcess manager;
    private @Nullable ManagerInThisJvm here;
    private Path managersRelease = JavaProcess.root();
    private Path agentsRelease = JavaProcess.root();
    private int agents;

    /** A landscape with the directory store. Nothing runs yet. */
    Landscape() {
        this(Map.of());
    }

    /**
     * A landscape.
     *
     * @param store the manager's store settings; empty for the directory store
     */
    Landscape(Map<String, Object> store) {
        try {
            this.folder = Files.createTempDirectory("holdfast-acceptance");
            this.certificates = new Certificates(folder.resolve("certificates"));
            SecureRandom random = new SecureRandom();
            byte[] secret = new byte[16];
            random.nextBytes(secret);
            this.password = "operator-" + HexFormat.of().formatHex(secret);
            this.master = X25519Identity.generate(random);
            this.recovery = X25519Identity.generate(random);
            Files.writeString(folder.resolve("master.key"), master.encoded() + "\n");
            Files.writeString(folder.resolve("recovery.key"), recovery.encoded() + "\n");
            Shell.run(
                    "openssl",
                    "genpkey",
                    "-algorithm",
                    "ed25519",
                    "-out",
                    folder.resolve("signing.key").toString());
            Shell.run(
                    "openssl",
                    "pkey",
                    "-in",
                    folder.resolve("signing.key").toString(),
                    "-pubout",
                    "-out",
                    folder.resolve("signing.pub").toString());
            this.store = store.isEmpty()
                    ? Map.of("kind", "directory", "path", storeFolder().toString())
                    : store;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has managers and agents of the releases that lie in these folders. */
    Landscape of(Path ofManagers, Path ofAgents) {
        managersRelease = ofManagers;
        agentsRelease = ofAgents;
        return this;
    }

    /** The manager's store settings for S3Proxy, reached at an address of its own or through a proxy. */
    static Map<String, Object> s3(S3ProxyServer s3, URI endpoint, Certificates certificates) {
        return new HashMap<>(Map.of(
                "kind", "s3",
                "endpoint", endpoint.toString(),
                "region", S3ProxyServer.REGION,
                "bucket", S3ProxyServer.BUCKET,
                "access_key_id", s3.accessKey(),
                "secret_access_key", s3.secretKey(),
                "ca_file", certificates.caFile().toString()));
    }

    /** Has every backup read back after it was made. */
    Landscape readingBack() {
        settings.verified();
        return this;
    }

    /** Has nobody download backups from the manager's next start on. */
    Landscape withoutDownloads() {
        settings.withoutDownloads();
        return this;
    }

    /** Sets one of the manager's {@code jobs} settings, before its start. */
    Landscape with(String key, Object value) {
        settings.job(key, value);
        return this;
    }

    /** Has backups made by a schedule, which a landscape has not by itself: at night a test would meet one. */
    Landscape scheduled(Map<String, Object> schedule) {
        settings.schedule(schedule);
        return this;
    }

    /** Has the manager copy its state into the store at every start. */
    Landscape copyingItsState() {
        settings.stateCopy(Map.of("every_seconds", 1));
        return this;
    }

    /** Keeps the managers' state in a PostgreSQL database. */
    Landscape withStateIn(PostgresCluster server) {
        settings.stateIn(server);
        return this;
    }

    Path folder() {
        return folder;
    }

    Path storeFolder() {
        return folder.resolve("store");
    }

    Path recoveryKey() {
        return folder.resolve("recovery.key");
    }

    Certificates certificates() {
        return certificates;
    }

    String password() {
        return password;
    }

    X25519Identity master() {
        return master;
    }

    URI agentsUri() {
        return URI.create("https://127.0.0.1:" + agentsPort);
    }

    /** Where the dashboard is. */
    URI dashboard() {
        return URI.create("https://127.0.0.1:" + managerPort);
    }

    Api api() {
        return apiAs(OPERATOR, password);
    }

    Api apiAs(String user, String itsPassword) {
        return new Api(
                URI.create("https://127.0.0.1:" + managerPort), certificates.trustingContext(), user, itsPassword);
    }

    /** Starts the manager, again if it ended, and waits until it serves. */
    JavaProcess startManager(String... jvmOptions) {
        JavaProcess started = startManager("manager", new ManagerPorts(managerPort, agentsPort), jvmOptions);
        manager = started;
        return started;
    }

    /** Where one of several managers listens, for operators and for agents. */
    private record ManagerPorts(int operators, int agents) {}

    /** Has several managers behind the one address that agents and operators use. Starts none of them. */
    Landscape balancing(int managers) {
        for (int i = 0; i < managers; i++) {
            beside.put(i, new ManagerPorts(FreePorts.one(), FreePorts.one()));
        }
        try {
            running.add(TcpBalancer.start(
                    managerPort,
                    beside.values().stream().map(ManagerPorts::operators).toList()));
            running.add(TcpBalancer.start(
                    agentsPort,
                    beside.values().stream().map(ManagerPorts::agents).toList()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Starts one of several managers, again if it ended, and waits until it serves. */
    JavaProcess startManagerBeside(int number) {
        return startManager("manager-" + number, Objects.requireNonNull(beside.get(number)));
    }

    /** Operators' access to one of several managers. */
    Api apiOf(int number) {
        return apiAt(Objects.requireNonNull(beside.get(number)).operators());
    }

    private Api apiAt(int port) {
        return new Api(URI.create("https://127.0.0.1:" + port), certificates.trustingContext(), OPERATOR, password);
    }

    private JavaProcess startManager(String name, ManagerPorts ports, String... jvmOptions) {
        JavaProcess started = JavaProcess.manager(
                managersRelease, write(name + ".json", config(ports)), folder.resolve(name + ".log"), jvmOptions);
        running.add(started);
        awaitServing(started, apiAt(ports.operators()));
        return started;
    }

    /**
     * Starts the manager in this JVM, again if it was stopped: for what needs no process of its own. What it logs is in the
     * test's output.
     */
    void serve() {
        try {
            ManagerInThisJvm started =
                    new ManagerInThisJvm(write("manager.json", config(new ManagerPorts(managerPort, agentsPort))));
            here = started;
            running.add(started);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the manager in this JVM as its operator would. */
    void stopServing() {
        ManagerInThisJvm ending = Objects.requireNonNull(here);
        running.remove(ending);
        ending.close();
    }

    private Map<String, Object> config(ManagerPorts ports) {
        Certificates.Issued tls = certificates.server("manager");
        Map<String, Object> config =
                managersRelease.equals(JavaProcess.root()) ? settings.sections() : settings.sectionsOfTheFirstRelease();
        config.put("state_directory", folder.resolve("state").toString());
        config.put("listen", "127.0.0.1:" + ports.operators());
        config.put("agents_listen", "127.0.0.1:" + ports.agents());
        config.put("agents_url", agentsUri().toString());
        config.put(
                "tls",
                Map.of(
                        "certificate_file", tls.certificateFile().toString(),
                        "private_key_file", tls.privateKeyFile().toString(),
                        "agents_ca_file", certificates.caFile().toString()));
        config.put("operators", List.of(Map.of("name", OPERATOR, "password", password)));
        config.put(
                "keys",
                Map.of(
                        "master_identity_file", folder.resolve("master.key").toString(),
                        "signing_key_file", folder.resolve("signing.key").toString(),
                        "recovery_recipients", List.of(recovery.recipient().toString())));
        config.put("store", store);
        config.put("metrics", Map.of("password", METRICS_PASSWORD));
        return config;
    }

    /**
     * What a command such as {@code rebuild} or {@code audit} says of the manager that was started last, and how it ended.
     */
    Shell.Result manage(String... command) {
        return Shell.result(Stream.of(
                        Stream.of(JavaProcess.root()
                                .resolve("scripts/lib/start-manager")
                                .toString()),
                        Stream.of(command),
                        Stream.of(folder.resolve("manager.json").toString()),
                        JavaProcess.shortLived(Path.of("start-manager")).stream())
                .flatMap(each -> each)
                .toArray(String[]::new));
    }

    private static void awaitServing(JavaProcess started, Api api) {
        Eventually.within(Duration.ofMinutes(1), () -> "manager serves; its log:\n" + started.log(), () -> {
            if (!started.isAlive()) {
                throw new AssertionError("the manager ended; its log:\n" + started.log());
            }
            return api.get("/healthz").status() == 200;
        });
    }

    /** Starts an agent with the PostgreSQL adapter. Its working directory lasts over starts. */
    JavaProcess startAgent(String instance, PostgresCluster cluster, String... jvmOptions) {
        return startAgent(instance, 0, adapter(cluster), jvmOptions);
    }

    /** The settings of an adapter for a server. */
    Map<String, Object> adapter(PostgresCluster cluster) {
        Path passwordFile = folder.resolve("pg-" + cluster.port() + ".password");
        try {
            Files.writeString(passwordFile, cluster.password());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new HashMap<>(Map.of(
                "kind", "postgresql",
                "host", cluster.host(),
                "port", cluster.port(),
                "user", PostgresCluster.USER,
                "password_file", passwordFile.toString()));
    }

    /** Starts an agent with settings of its own for the adapter. */
    JavaProcess startAgent(String instance, int position, Map<String, Object> adapter, String... jvmOptions) {
        Certificates.Issued identity = certificates.agent(instance, position);
        List<String> trusted = store.containsKey("ca_file")
                ? List.of(certificates.caFile().toString(), String.valueOf(store.get("ca_file")))
                : List.of(certificates.caFile().toString());
        String name = "agent-" + instance + "-" + position;
        Map<String, Object> config = Map.of(
                "manager",
                Map.of(
                        "url", agentsUri().toString(),
                        "ca_file", certificates.caFile().toString(),
                        "certificate_file", identity.certificateFile().toString(),
                        "private_key_file", identity.privateKeyFile().toString()),
                "work_directory",
                folder.resolve(name).toString(),
                "trusted_ca_files",
                trusted,
                "status_file",
                statusFile(instance).toString(),
                "memory_alert_mb",
                ALERT_MB,
                "max_replica_lag_seconds",
                MOST_REPLICA_LAG_SECONDS,
                "adapter",
                adapter);
        JavaProcess agent = JavaProcess.agent(
                agentsRelease,
                write(name + "-" + agents++ + ".json", config),
                folder.resolve(name + ".log"),
                jvmOptions);
        running.add(agent);
        agentProcesses.put(instance + "-" + position, agent);
        return agent;
    }

    /** Ends an agent as its operator would. */
    void stopAgent(String instance, int position) {
        Objects.requireNonNull(agentProcesses.get(instance + "-" + position)).close();
    }

    /** What an agent has logged since its first start. */
    String agentLog(String instance, int position) {
        return Objects.requireNonNull(agentProcesses.get(instance + "-" + position))
                .log();
    }

    /** Where an agent says what it does. */
    Path statusFile(String instance) {
        return folder.resolve("status-" + instance);
    }

    private Path write(String name, Map<String, Object> config) {
        Path file = folder.resolve(name);
        try {
            Files.write(file, Json.mapper().writeValueAsBytes(config));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    JavaProcess manager() {
        if (manager == null) {
            throw new IllegalStateException("the manager was not started");
        }
        return manager;
    }

    /** Waits until an instance's agent has said hello. */
    void awaitAgent(String instance) {
        api().await(
                        "/agents",
                        agents -> agents.values().stream()
                                .anyMatch(each ->
                                        each.path("instance_id").asString("").equals(instance)
                                                && each.path("online").booleanValue()));
    }

    /** The files of the directory store whose path below it has a text in it. */
    List<Path> stored(String part) {
        return FileTree.files(storeFolder()).stream()
                .filter(file -> storeFolder().relativize(file).toString().contains(part))
                .toList();
    }

    /** All that the processes have logged. */
    String logs() {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".log"))
                    .sorted()
                    .toList()) {
                all.append("==> ").append(file.getFileName()).append("\n").append(Files.readString(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.toString();
    }

    @Override
    public void close() {
        for (AutoCloseable each : running.reversed()) {
            try {
                each.close();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        FileTree.delete(folder);
    }
}
