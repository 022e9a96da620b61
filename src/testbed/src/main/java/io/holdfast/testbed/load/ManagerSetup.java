package io.holdfast.testbed.load;

import io.holdfast.format.json.Json;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.FreePorts;
import io.holdfast.testbed.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;

/**
 * A folder with all that a manager needs to run on 127.0.0.1: certificates, secrets, free ports, a store of files. Secrets
 * that are there already are used again, certificates are new. Immutable.
 */
public final class ManagerSetup {
    private static final long LOOK_MILLIS = 20;

    private final Path folder;
    private final Certificates certificates;
    private final String password;
    private final int port;
    private final int agentsPort;

    /** Makes what is missing. */
    public ManagerSetup(Path folder) throws IOException {
        this.folder = folder;
        this.certificates = new Certificates(folder.resolve("certificates"));
        this.password = secret(folder.resolve("operator.password"));
        this.port = FreePorts.one();
        this.agentsPort = FreePorts.one();
    }

    /** The CA of the manager and of agents. */
    public Certificates certificates() {
        return certificates;
    }

    /** Where operators call. */
    public int port() {
        return port;
    }

    /** Where agents call. */
    public int agentsPort() {
        return agentsPort;
    }

    /** The header line by which the users {@code admin} and {@code metrics} say who they are, with its end. */
    public String authorization(String user) {
        String text = user + ":" + password;
        return "Authorization: Basic "
                + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII))
                + "\r\n";
    }

    /** A connection of an operator. */
    public HttpsConnection operator() throws IOException {
        return new HttpsConnection(certificates.trustingContext(), port, authorization("admin"));
    }

    /** A connection of an instance's only agent. */
    public HttpsConnection agent(String instanceId) throws IOException {
        return new HttpsConnection(certificates.agentContext(instanceId), agentsPort, "");
    }

    /** Writes the manager's file of settings: these sections, and the usual ones. */
    public Path config(Map<String, Object> sections) throws IOException {
        Certificates.Issued tls = certificates.server("manager");
        Files.createDirectories(folder.resolve("store"));
        Path keySecret = folder.resolve("key_secret");
        secret(keySecret);
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
                "keys", Map.of("secret_file", keySecret.toString()),
                "store",
                        Map.of(
                                "kind",
                                "directory",
                                "path",
                                folder.resolve("store").toString()),
                "metrics", Map.of("password", password)));
        // What is measured is to be the same at every hour.
        config.put("schedule", Map.of("cron", "0 0 29 2 *"));
        config.put("catalogue_backup", Map.of("enabled", false));
        config.putAll(sections);
        Path file = folder.resolve("manager.json");
        PrivateFile.write(file, Json.mapper().writeValueAsBytes(config));
        return file;
    }

    /**
     * Waits until the manager answers.
     *
     * @throws IllegalStateException when it has ended instead
     */
    public void awaitReady(BooleanSupplier lives) throws InterruptedException {
        SSLContext trusting = certificates.trustingContext();
        while (true) {
            try (HttpsConnection connection = new HttpsConnection(trusting, port, "")) {
                if (connection.call("GET", "/readyz", "").status() == 200) {
                    return;
                }
            } catch (IOException e) {
                // Not yet.
            }
            if (!lives.getAsBoolean()) {
                throw new IllegalStateException("the manager has ended; see its log in " + folder);
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /** What is in a secret's file, made if it is not there. */
    private static String secret(Path file) throws IOException {
        if (Files.exists(file)) {
            return Files.readString(file);
        }
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        String text = HexFormat.of().formatHex(bytes);
        PrivateFile.write(file, text.getBytes(StandardCharsets.US_ASCII));
        return text;
    }
}
