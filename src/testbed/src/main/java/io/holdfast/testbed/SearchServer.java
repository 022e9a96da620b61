package io.holdfast.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.jspecify.annotations.Nullable;

/**
 * A real OpenSearch or Elasticsearch node on free ports of 127.0.0.1, with its files in a temporary folder, run by the
 * user {@link #USER} when the caller is root. It takes repositories anywhere below the machine's temporary folder. Where
 * its distribution has it, security is on: TLS, and the user {@link #ADMIN} with a password made for this server.
 */
public final class SearchServer implements AutoCloseable {
    /** Who runs it. */
    public static final String USER = "daemon";

    /** Who may do everything. */
    public static final String ADMIN = "boss";

    /** What there is to start. */
    public enum Distribution {
        /** With the security plugin; the last series for which that can be had from Maven Central. */
        OPENSEARCH_2("opensearch", "opensearch-2.", "OPENSEARCH"),
        /** Without security. */
        OPENSEARCH_3("opensearch", "opensearch-3.", "OPENSEARCH"),
        /** With its own security. */
        ELASTICSEARCH_8("elasticsearch", "elasticsearch-8.", "ES"),
        /** The same; there only with Maven's profile {@code newest}. */
        ELASTICSEARCH_9("elasticsearch", "elasticsearch-9.", "ES");

        private final String program;
        private final String folder;
        private final String variables;

        Distribution(String program, String folder, String variables) {
            this.program = program;
            this.folder = folder;
            this.variables = variables;
        }

        private boolean secured() {
            return this != OPENSEARCH_3;
        }
    }

    /** Options of the distributions that need more memory, or write more, than tests want. */
    private static final Pattern LARGE = Pattern.compile(".*(-Xm[sx]|G1|ConcMark|CMS|gc\\.log|HeapDump|PreTouch).*");

    /**
     * APM and X-Pack are parts of Elasticsearch, and the server cannot do without them. Pipelines that run stored scripts
     * need the other two, which only OpenSearch's distributions have.
     */
    private static final Set<String> NEEDED_MODULES =
            Set.of("transport-netty4", "apm", "x-pack-core", "x-pack-security", "lang-painless", "ingest-common");

    private final ServerProcess process;
    private final Distribution distribution;
    private final @Nullable Certificates certificates;
    private final HttpClient http;
    private final Path home;
    private final int port = FreePorts.one();
    private final int transportPort = FreePorts.one();
    private final String password = ServerProcess.newPassword();

    private SearchServer(Distribution distribution, Path engines, List<String> settings, Map<String, String> files) {
        this(distribution, engines, settings, files, null);
    }

    private SearchServer(
            Distribution distribution,
            Path engines,
            List<String> settings,
            Map<String, String> files,
            @Nullable SnapshotStore store) {
        this.distribution = distribution;
        this.process = new ServerProcess(distribution.program, USER, environment(distribution, store));
        this.home = process.folder().resolve("home");
        try {
            copy(engines(distribution, engines), home, SearchServer::wanted);
            Path config = home.resolve("config");
            if (distribution.secured()) {
                Path folder = Files.createDirectories(config.resolve("tls"));
                this.certificates = new Certificates(folder);
                this.http = HttpClient.newBuilder()
                        .sslContext(certificates.trustingContext())
                        .build();
                certificates.server("node");
                secure(config);
            } else {
                this.certificates = null;
                this.http = HttpClient.newHttpClient();
            }
            List<String> lines = new ArrayList<>(settings());
            lines.addAll(settings);
            Files.write(config.resolve(distribution.program + ".yml"), lines);
            Path options = config.resolve("jvm.options");
            Files.write(
                    options,
                    Files.readAllLines(options).stream()
                            .filter(line -> !LARGE.matcher(line).matches())
                            .toList());
            for (Map.Entry<String, String> file : files.entrySet()) {
                Files.writeString(
                        config.resolve(file.getKey()),
                        file.getValue(),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            }
            if (store != null) {
                store.addCredentials(home, environment(distribution, null));
            }
            own(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts a node on its own.
     *
     * @param engines where the distributions are unpacked
     * @param files what is added to further files of its configuration
     */
    public static SearchServer start(Distribution distribution, Path engines, Map<String, String> files) {
        SearchServer server = new SearchServer(distribution, engines, List.of("discovery.type: single-node"), files);
        server.restart();
        return server;
    }

    /** Starts the first node of a cluster that knows a store. */
    public static SearchServer startFirst(Distribution distribution, Path engines, SnapshotStore store) {
        List<String> settings = new ArrayList<>(store.settings());
        settings.addAll(List.of("node.name: first", "cluster.initial_cluster_manager_nodes: [first]"));
        SearchServer first = new SearchServer(distribution, engines, settings, Map.of(), store);
        first.restart();
        return first;
    }

    /** Starts one more node of this one's cluster. */
    public SearchServer startSecond(Path engines, SnapshotStore store) {
        List<String> settings = new ArrayList<>(store.settings());
        settings.addAll(List.of("node.name: second", "discovery.seed_hosts: [\"127.0.0.1:" + transportPort + "\"]"));
        SearchServer second = new SearchServer(distribution, engines, settings, Map.of(), store);
        second.restart();
        return second;
    }

    public String host() {
        return "127.0.0.1";
    }

    public int port() {
        return port;
    }

    /** The password of {@link #ADMIN}. */
    public String password() {
        return password;
    }

    /** Who signed its certificate; null when it has none. */
    public @Nullable Path caFile() {
        return certificates == null ? null : certificates.caFile();
    }

    /** Below which its indexes lie. */
    public Path dataFolder() {
        return process.folder().resolve("data");
    }

    /** Asks it as {@link #ADMIN}; fails when it refuses. */
    public String call(String method, String path, String body) {
        HttpResponse<String> answer = send(method, path, body);
        if (answer.statusCode() >= 300) {
            throw new IllegalStateException(method + " " + path + ": " + answer.body());
        }
        return answer.body();
    }

    /** The same, whatever it answers. */
    public HttpResponse<String> send(String method, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create((certificates == null ? "http" : "https") + "://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            boolean lines = path.contains("_bulk");
            request.header("Content-Type", lines ? "application/x-ndjson" : "application/json");
        }
        if (certificates != null) {
            request.header(
                    "Authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString((ADMIN + ":" + password).getBytes(StandardCharsets.UTF_8)));
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends it as a crash would. */
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

    /** Starts it again after a crash, on the same ports. */
    public void restart() {
        process.start(
                List.of(
                        "bash",
                        home.resolve("bin").resolve(distribution.program).toString()),
                () -> ServerProcess.accepts(port) && ready());
    }

    @Override
    public void close() {
        process.close();
        http.close();
    }

    private boolean ready() {
        try {
            return send("GET", "/_cluster/health?wait_for_no_initializing_shards=true&timeout=20s", "")
                            .statusCode()
                    == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private static Map<String, String> environment(Distribution distribution, @Nullable SnapshotStore store) {
        String java = switch (distribution) {
            case OPENSEARCH_2 -> oldJava(); // it needs the security manager, which newer JDKs do not have
            case OPENSEARCH_3, ELASTICSEARCH_8, ELASTICSEARCH_9 -> System.getProperty("java.home");
        };
        return Map.of(
                distribution.variables + "_JAVA_HOME",
                java,
                distribution.variables + "_JAVA_OPTS",
                "-Xms512m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
                        + " -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
                        + (store == null ? "" : " " + store.javaOptions()));
    }

    private static String oldJava() {
        Path installed = Path.of("/usr/lib/jvm");
        try (Stream<Path> found = Files.list(installed)) {
            return found.filter(path -> path.getFileName().toString().startsWith("java-17-openjdk"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("the package openjdk-17-jre-headless is missing"))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path engines(Distribution distribution, Path engines) throws IOException {
        try (Stream<Path> found = Files.list(engines)) {
            return found.filter(path -> path.getFileName().toString().startsWith(distribution.folder))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("there is no " + distribution + " in " + engines));
        }
    }

    private List<String> settings() {
        List<String> lines = new ArrayList<>(List.of(
                "cluster.name: holdfast",
                "http.host: 127.0.0.1",
                "http.port: " + port,
                "transport.host: 127.0.0.1",
                "transport.port: " + transportPort,
                "path.data: " + dataFolder(),
                "path.logs: " + process.folder().resolve("logs"),
                "path.repo: " + System.getProperty("java.io.tmpdir"),
                // The machine's disk is nobody's concern here.
                "cluster.routing.allocation.disk.threshold_enabled: false"));
        String pem = "tls/node.pem";
        String key = "tls/node-key.pem";
        String ca = "tls/" + (certificates == null ? "" : certificates.caFile().getFileName());
        lines.addAll(
                switch (distribution) {
                    case OPENSEARCH_2 ->
                        List.of(
                                "plugins.security.ssl.transport.pemcert_filepath: " + pem,
                                "plugins.security.ssl.transport.pemkey_filepath: " + key,
                                "plugins.security.ssl.transport.pemtrustedcas_filepath: " + ca,
                                "plugins.security.ssl.http.enabled: true",
                                "plugins.security.ssl.http.pemcert_filepath: " + pem,
                                "plugins.security.ssl.http.pemkey_filepath: " + key,
                                "plugins.security.ssl.http.pemtrustedcas_filepath: " + ca,
                                "plugins.security.nodes_dn: [\"CN=node\"]",
                                "plugins.security.allow_default_init_securityindex: true",
                                "plugins.security.restapi.roles_enabled: [all_access]");
                    case OPENSEARCH_3 -> List.<String>of();
                    case ELASTICSEARCH_8, ELASTICSEARCH_9 ->
                        List.of(
                                "xpack.security.enabled: true",
                                "xpack.security.http.ssl.enabled: true",
                                "xpack.security.http.ssl.certificate: " + pem,
                                "xpack.security.http.ssl.key: " + key,
                                "xpack.security.transport.ssl.enabled: true",
                                "xpack.security.transport.ssl.certificate: " + pem,
                                "xpack.security.transport.ssl.key: " + key,
                                "xpack.security.transport.ssl.certificate_authorities: " + ca);
                });
        return lines;
    }

    /** Makes the one user that there is at first. */
    private void secure(Path config) throws IOException {
        if (distribution.program.equals("elasticsearch")) {
            Files.writeString(config.resolve("users"), ADMIN + ":" + hash(password) + "\n");
            Files.writeString(config.resolve("users_roles"), "superuser:" + ADMIN + "\n");
        } else {
            Path folder = config.resolve("opensearch-security");
            copy(home.resolve("plugins/opensearch-security/config"), folder, file -> true);
            Files.writeString(folder.resolve("internal_users.yml"), """
                    _meta:
                      type: "internalusers"
                      config_version: 2
                    %s:
                      hash: "%s"
                      backend_roles: ["admin"]
                    """.formatted(ADMIN, hash(password)));
        }
    }

    /** A password as both engines keep it. */
    public static String hash(String password) {
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        return OpenBSDBCrypt.generate("2a", password.toCharArray(), salt, 4);
    }

    /** Each module makes the start longer. */
    private static boolean wanted(Path file) {
        return !file.startsWith("modules")
                || file.getNameCount() == 1
                || NEEDED_MODULES.contains(file.getName(1).toString());
    }

    private static void copy(Path from, Path to, Predicate<Path> which) throws IOException {
        try (Stream<Path> all = Files.walk(from).filter(each -> which.test(from.relativize(each)))) {
            for (Path each : (Iterable<Path>) all::iterator) {
                Path target = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(each, target);
                }
            }
        }
    }

    private void own(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                process.own(each);
            }
        }
    }
}
