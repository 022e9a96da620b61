package io.holdfast.manager;

import io.holdfast.format.json.Json;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.FreePorts;
import io.holdfast.testbed.OpenidServer;
import io.holdfast.testbed.StandInCloudController;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A whole manager in this process, with a certified OpenID provider and a stand-in for Cloud Controller beside it. */
final class RunningManager implements AutoCloseable {
    static final String PASSWORD = "a long password";
    private static final Pattern TOKEN = Pattern.compile("name=\"csrf_token\" value=\"([^\"]+)\"");

    final Certificates certificates;
    final OpenidServer openid;
    final StandInCloudController cloud;
    final Manager manager;
    final int port = FreePorts.one();
    final int agentsPort = FreePorts.one();

    RunningManager(Path folder) throws IOException {
        this(folder, Map.of());
    }

    /** One with sections of its configuration beside the usual ones. */
    RunningManager(Path folder, Map<String, Object> sections) throws IOException {
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
                                Map.of("name", "broker-2", "password", PASSWORD),
                                Map.of("name", "broker-3", "password", PASSWORD, "id_prefix", "third-")),
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
        // Cheap: what is tested is not how long a guess takes.
        all.put("passphrases", Map.of("work_factor", 10));
        all.put("metrics", Map.of("password", PASSWORD));
        all.putAll(sections);
        Path file =
                Files.writeString(folder.resolve("manager.json"), Json.mapper().writeValueAsString(all));
        try {
            manager = new Manager(ManagerConfig.read(file), point -> {});
        } catch (IOException | RuntimeException e) {
            cloud.close();
            openid.close();
            throw e;
        }
    }

    String url() {
        return "https://localhost:" + port;
    }

    /** Headers of an operator or a broker. */
    static Map<String, String> basic(String user) {
        String credentials = user + ":" + PASSWORD;
        return Map.of(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
    }

    HttpClient client() {
        return HttpClient.newBuilder()
                .sslContext(certificates.trustingContext())
                .build();
    }

    /** A client with the certificate of an instance's first agent. */
    HttpClient agent(String instance) {
        return HttpClient.newBuilder()
                .sslContext(certificates.agentContext(instance))
                .build();
    }

    HttpResponse<String> send(String method, String path, String body, Map<String, String> headers)
            throws IOException, InterruptedException {
        return client().send(request(port, method, path, body, headers).build(), HttpResponse.BodyHandlers.ofString());
    }

    static HttpRequest.Builder request(int port, String method, String path, String body, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://localhost:" + port + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .setHeader("Content-Type", "application/json");
        headers.forEach(request::setHeader);
        return request;
    }

    /** The headers of a browser in which an operator has logged in. */
    Map<String, String> operatorsSession() throws Exception {
        HttpResponse<String> form = send("GET", "/login", "", Map.of());
        Matcher token = TOKEN.matcher(form.body());
        if (!token.find()) {
            throw new AssertionError("no token: " + form.body());
        }
        String body = "name=admin&password=" + URLEncoder.encode(PASSWORD, StandardCharsets.UTF_8) + "&csrf_token="
                + token.group(1);
        return inSession(cookie(send(
                "POST",
                "/login",
                body,
                Map.of("Cookie", cookie(form), "Content-Type", "application/x-www-form-urlencoded"))));
    }

    static String cookie(HttpResponse<String> answer) {
        return answer.headers()
                .firstValue("Set-Cookie")
                .orElseThrow(() -> new AssertionError("no cookie: " + answer.body()))
                .replaceAll(";.*", "");
    }

    /** The headers of a browser with this cookie. */
    Map<String, String> inSession(String cookie) throws Exception {
        HttpResponse<String> form = send("GET", "/login", "", Map.of("Cookie", cookie));
        Matcher token = TOKEN.matcher(form.body());
        if (!token.find()) {
            throw new AssertionError("no token: " + form.body());
        }
        return Map.of("Cookie", cookie, "X-CSRF-Token", token.group(1));
    }

    @Override
    public void close() {
        manager.close();
        cloud.close();
        openid.close();
    }
}
