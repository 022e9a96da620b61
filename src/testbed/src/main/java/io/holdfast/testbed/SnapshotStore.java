package io.holdfast.testbed;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An S3 store for snapshots that OpenSearch's nodes know as their client {@code default}, and whose authority their JVM
 * trusts, as it does on a VM with the job {@code jvm-trusted-certs}.
 *
 * @param server the store
 * @param keystore whom the JVM trusts
 */
public record SnapshotStore(S3ProxyServer server, Path keystore) {
    /** The authority's certificate is written to a keystore in the given folder, which has to be open to the engine's user. */
    public static SnapshotStore of(S3ProxyServer server, Certificates certificates, Path folder) {
        return new SnapshotStore(server, certificates.trustStore(folder.resolve("trusted.p12")));
    }

    List<String> settings() {
        return List.of(
                "s3.client.default.endpoint: " + server.endpoint(),
                "s3.client.default.region: " + S3ProxyServer.REGION,
                "s3.client.default.path_style_access: true");
    }

    String javaOptions() {
        return "-Djavax.net.ssl.trustStore=" + keystore + " -Djavax.net.ssl.trustStorePassword="
                + Certificates.TRUST_STORE_PASSWORD;
    }

    /** Puts the credentials where a node reads them. */
    void addCredentials(Path home, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        "bash",
                        home.resolve("bin/opensearch-keystore").toString(),
                        "add",
                        "--force",
                        "--stdin",
                        "s3.client.default.access_key",
                        "s3.client.default.secret_key")
                .redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process adding = builder.start();
        try (OutputStream in = adding.getOutputStream()) {
            in.write((server.accessKey() + "\n" + server.secretKey() + "\n").getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(adding.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (adding.waitFor() != 0) {
                throw new IllegalStateException("opensearch-keystore: " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
