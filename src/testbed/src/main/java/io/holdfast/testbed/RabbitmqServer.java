package io.holdfast.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A real RabbitMQ node with its management plugin, on free ports of 127.0.0.1, with its files in a temporary folder, run
 * by the user {@code rabbitmq} when the caller is root. Its port mapper (epmd) is its own, and so ends with it. The user
 * {@code admin} has a password made for this node. Calls fail when the node says no.
 */
public final class RabbitmqServer implements AutoCloseable {
    /** The one user that there is at the beginning. */
    public static final String ADMIN = "admin";

    /** The setting {@code management.http.max_body_size}; version 3.10 takes 8 MB then. */
    public static final int REQUEST_BYTES = 10_000_000;

    private static final String USER = "rabbitmq";
    private static final String NODE = "holdfast@localhost";

    private final int port;
    private final int tlsPort = FreePorts.one();
    private final int amqpPort = FreePorts.one();
    private final int mapperPort = FreePorts.one();
    private final String password;
    private final ServerProcess process = new ServerProcess("rabbitmq", USER, Map.of());
    private final ServerProcess mapper;

    private RabbitmqServer(int port, String password) {
        this.port = port;
        this.password = password;
        this.mapper = new ServerProcess("epmd", USER, Map.of());
    }

    private RabbitmqServer(Certificates.Issued certificate) {
        port = FreePorts.one();
        password = ServerProcess.newPassword();
        mapper = new ServerProcess(
                "epmd", USER, Map.of("ERL_EPMD_PORT", Integer.toString(mapperPort), "ERL_EPMD_ADDRESS", "127.0.0.1"));
        Path folder = process.folder();
        try {
            copy(certificate.certificateFile(), "certificate.pem");
            copy(certificate.privateKeyFile(), "private_key.pem");
            write("enabled_plugins", "[rabbitmq_management].\n");
            write("rabbitmq.conf", """
                    listeners.tcp.1 = 127.0.0.1:%d
                    management.tcp.ip = 127.0.0.1
                    management.tcp.port = %d
                    management.ssl.ip = 127.0.0.1
                    management.ssl.port = %d
                    management.ssl.certfile = %s/certificate.pem
                    management.ssl.keyfile = %s/private_key.pem
                    default_user = %s
                    default_pass = %s
                    log.console = true
                    log.console.level = warning
                    log.file = false
                    """.formatted(amqpPort, port, tlsPort, folder, folder, ADMIN, password));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a node and starts it. */
    public static RabbitmqServer start(Certificates.Issued certificate) {
        RabbitmqServer server = new RabbitmqServer(certificate);
        server.mapper.start(List.of("epmd"), () -> ServerProcess.accepts(server.mapperPort));
        server.restart();
        return server;
    }

    /**
     * A node of an older version: the system property {@code tests.rabbitmq.older} is the management API's port of one that
     * runs already, whose user {@code admin} has the password {@code older}; without it, one more of this version.
     */
    public static RabbitmqServer older(Certificates.Issued certificate) {
        Integer running = Integer.getInteger("tests.rabbitmq.older");
        return running == null ? start(certificate) : new RabbitmqServer(running, "older");
    }

    public String host() {
        return "127.0.0.1";
    }

    /** Of the management API, without TLS. */
    public int port() {
        return port;
    }

    /** Of the management API, with TLS. */
    public int tlsPort() {
        return tlsPort;
    }

    /** Of AMQP 0-9-1, without TLS. */
    public int amqpPort() {
        return amqpPort;
    }

    /** The password of {@link #ADMIN}. */
    public String password() {
        return password;
    }

    /** Asks the management API and gives its answer, empty for something that is not there. */
    public String get(String path) {
        return call("GET", path, null);
    }

    /** Makes or changes something. */
    public void put(String path, String json) {
        call("PUT", path, json);
    }

    /** Adds something. */
    public void post(String path, String json) {
        call("POST", path, json);
    }

    /** Removes something; no error when it is not there. */
    public void delete(String path) {
        call("DELETE", path, null);
    }

    /** Sets {@code management.http.max_body_size} until the node's next start. */
    public void limitRequests(int bytes) {
        tool("rabbitmqctl", "eval", "application:set_env(rabbitmq_management, max_http_body_size, " + bytes + ").");
    }

    /** Lets the node have a plugin from now on. */
    public void enable(String plugin) {
        tool("rabbitmq-plugins", "enable", plugin);
    }

    /** Takes a plugin from the node, which goes on. */
    public void disable(String plugin) {
        tool("rabbitmq-plugins", "disable", plugin);
    }

    private void tool(String program, String... words) {
        List<String> command = new ArrayList<>(List.of(
                "env",
                "ERL_EPMD_PORT=" + mapperPort,
                "RABBITMQ_ENABLED_PLUGINS_FILE=" + process.folder().resolve("enabled_plugins"),
                "RABBITMQ_PLUGINS_DIR=" + plugins(),
                "/usr/lib/rabbitmq/bin/" + program,
                "--quiet",
                "--node",
                NODE));
        command.addAll(List.of(words));
        process.run(command, "");
    }

    /** The folder with the server's own plugins: newer tools want it to be there, and look for another one besides. */
    private static Path plugins() {
        try (DirectoryStream<Path> servers =
                Files.newDirectoryStream(Path.of("/usr/lib/rabbitmq/lib"), "rabbitmq_server-*")) {
            return servers.iterator().next().resolve("plugins");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes the node's process stand still, with all its connections; {@link #resume} lets it go on. */
    public void suspend() {
        process.signal("STOP");
    }

    /** Lets it go on. */
    public void resume() {
        process.signal("CONT");
    }

    /** Ends the node as a crash would. */
    public void kill() {
        process.kill();
    }

    /** Starts it again after a crash, on the same ports. */
    public void restart() {
        Path folder = process.folder();
        process.start(
                List.of(
                        "env",
                        "RABBITMQ_CONF_ENV_FILE=/dev/null",
                        "RABBITMQ_NODENAME=" + NODE,
                        "RABBITMQ_DIST_PORT=" + FreePorts.one(),
                        "RABBITMQ_CONFIG_FILE=" + folder.resolve("rabbitmq.conf"),
                        "RABBITMQ_ENABLED_PLUGINS_FILE=" + folder.resolve("enabled_plugins"),
                        "RABBITMQ_MNESIA_BASE=" + folder.resolve("data"),
                        "RABBITMQ_LOG_BASE=" + folder.resolve("log"),
                        "ERL_EPMD_PORT=" + mapperPort,
                        // One scheduler that does not spin, and no port for anybody else than this machine.
                        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-start_epmd false +S 1:1 +sbwt none"
                                + " -kernel inet_dist_use_interface {127,0,0,1}",
                        "/usr/lib/rabbitmq/bin/rabbitmq-server"),
                () -> ServerProcess.accepts(port)
                        && get("health/checks/virtual-hosts").contains("ok")
                        && get("overview").contains("rabbitmq_version"));
    }

    @Override
    public void close() {
        process.close();
        mapper.close();
    }

    private String call(String method, String path, @Nullable String json) {
        try {
            HttpURLConnection connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/api/" + path)
                    .toURL()
                    .openConnection(Proxy.NO_PROXY);
            connection.setRequestMethod(method);
            connection.setRequestProperty("Connection", "close");
            connection.setRequestProperty(
                    "Authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString((ADMIN + ":" + password).getBytes(StandardCharsets.UTF_8)));
            if (json != null) {
                connection.setRequestProperty("Content-Type", "application/json");
                connection.setDoOutput(true);
                connection.getOutputStream().write(json.getBytes(StandardCharsets.UTF_8));
            }
            int status = connection.getResponseCode();
            try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                String answer = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
                if (status == HttpURLConnection.HTTP_NOT_FOUND) {
                    return "";
                }
                if (status >= 400) {
                    throw new IllegalStateException(method + " " + path + ": " + status + " " + answer);
                }
                return answer;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void copy(Path from, String name) throws IOException {
        process.own(Files.copy(from, process.folder().resolve(name)));
    }

    private void write(String name, String text) throws IOException {
        process.own(Files.writeString(process.folder().resolve(name), text));
    }
}
