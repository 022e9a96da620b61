package io.holdfast.manager;

import io.holdfast.format.json.Json;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.OpenidServer;
import io.holdfast.testbed.StandInCloudController;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A whole manager in this process, with a certified OpenID provider and a stand-in for Cloud Controller beside it. */
final class RunningManager implements AutoCloseable {
    static final String PASSWORD = "a long password";

    final Certificates certificates;
    final OpenidServer openid;
    final StandInCloudController cloud;
    final Manager manager;
    final int port = freePort();
    final int agentsPort = freePort();

    RunningManager(Path folder) throws IOException {
        certificates = new Certificates(folder);
        openid = OpenidServer.start(certificates, url() + "/login/callback");
        cloud = StandInCloudController.start(certificates);
        Certificates.Issued tls = certificates.server("manager");
        byte[] secret = new byte[32];
        new Random().nextBytes(secret);
        Path secretFile =
                Files.writeString(folder.resolve("secret"), HexFormat.of().formatHex(secret));
        Map<String, Object> config = Map.of(
                "state_directory", folder.resolve("state").toString(),
                "listen", "127.0.0.1:" + port,
                "agents_listen", "127.0.0.1:" + agentsPort,
                "agents_url", "https://127.0.0.1:" + agentsPort,
                "tls",
                        Map.of(
                                "certificate_file", tls.certificateFile().toString(),
                                "private_key_file", tls.privateKeyFile().toString(),
                                "agents_ca_file", certificates.caFile().toString()),
                "operators", List.of(Map.of("name", "admin", "password", PASSWORD)),
                "brokers",
                        List.of(
                                Map.of("name", "broker-1", "password", PASSWORD),
                                Map.of("name", "broker-2", "password", PASSWORD)),
                "keys", Map.of("secret_file", secretFile.toString()),
                "store",
                        Map.of(
                                "kind",
                                "directory",
                                "path",
                                folder.resolve("store").toString()),
                "login",
                        Map.of(
                                "url", url(),
                                "openid",
                                        Map.of(
                                                "issuer", openid.issuer(),
                                                "client_id", OpenidServer.CLIENT_ID,
                                                "client_secret", openid.clientSecret(),
                                                "scopes", List.of("openid", "groups", "cloud_controller.read"),
                                                "operator_group", OpenidServer.OPERATOR_GROUP,
                                                "ca_file", certificates.caFile().toString())));
        Map<String, Object> all = new HashMap<>(config);
        all.put(
                "cloud_controller",
                Map.of("url", cloud.url(), "ca_file", certificates.caFile().toString()));
        all.put("schedule", Map.of("enabled", false));
        all.put("metrics", Map.of("password", PASSWORD));
        Path file =
                Files.writeString(folder.resolve("manager.json"), Json.mapper().writeValueAsString(all));
        manager = new Manager(ManagerConfig.read(file), point -> {});
    }

    String url() {
        return "https://localhost:" + port;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        manager.close();
        cloud.close();
        openid.close();
    }
}
