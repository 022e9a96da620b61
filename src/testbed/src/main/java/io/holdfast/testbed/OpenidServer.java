package io.holdfast.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A certified OpenID provider (npm's oidc-provider) over TLS on a free port, installed once into the build's folder. Its
 * users are made by their first login, with any password: the name {@code operator…} is in the operators' group,
 * {@code brief…} gets access tokens that are as good as over.
 */
public final class OpenidServer implements AutoCloseable {
    /** The group of the users whose name begins with operator. */
    public static final String OPERATOR_GROUP = "holdfast.admin";

    /** The client that is registered. */
    public static final String CLIENT_ID = "holdfast";

    /** What its access tokens are for. */
    public static final String AUDIENCE = "cloud_controller";

    private static final Path INSTALLED = Path.of("target", "openid").toAbsolutePath();
    private static final List<String> FILES = List.of("package.json", "package-lock.json", "provider.mjs");
    private static final Pattern ACTION = Pattern.compile("action=\"([^\"]+)\"");
    private static final String OWN_CALLBACK = "https://localhost/token-for-a-test";
    private static final int MOST_STEPS = 20;

    private final ServerProcess process;
    private final Certificates certificates;
    private final int port = FreePorts.one();
    private final String secret = ServerProcess.newPassword();

    private OpenidServer(Certificates certificates, String callback) {
        this.certificates = certificates;
        Certificates.Issued tls = certificates.server("openid-" + port);
        this.process = new ServerProcess(
                "openid",
                "root",
                Map.of(
                        "ISSUER", issuer(),
                        "PORT", Integer.toString(port),
                        "CERTIFICATE", tls.certificateFile().toAbsolutePath().toString(),
                        "PRIVATE_KEY", tls.privateKeyFile().toAbsolutePath().toString(),
                        "CLIENT_ID", CLIENT_ID,
                        "CLIENT_SECRET", secret,
                        "REDIRECTS", callback + " " + OWN_CALLBACK,
                        "OPERATOR_GROUP", OPERATOR_GROUP,
                        "COOKIE_KEY", ServerProcess.newPassword()));
    }

    /**
     * Makes a server and starts it.
     *
     * @param certificates whose authority signs its certificate
     * @param callback where the client wants browsers to be sent back
     */
    public static OpenidServer start(Certificates certificates, String callback) {
        install();
        OpenidServer server = new OpenidServer(certificates, callback);
        server.restart();
        return server;
    }

    public String issuer() {
        return "https://localhost:" + port;
    }

    public String clientSecret() {
        return secret;
    }

    /** Ends the server as a crash would. It forgets its grants, not its keys. */
    public void kill() {
        process.kill();
    }

    /** Starts it again on the same port. */
    public void restart() {
        process.start(List.of("node", INSTALLED.resolve("provider.mjs").toString()), () -> ServerProcess.accepts(port));
    }

    /** Logs a user in with a browser that was sent here, and says yes to all questions. Returns where it is sent next. */
    public URI login(URI address, String user) {
        HttpClient browser = HttpClient.newBuilder()
                .sslContext(certificates.trustingContext())
                .cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL))
                .build();
        URI next = address;
        String form = "";
        for (int step = 0; step < MOST_STEPS && next.toString().startsWith(issuer()); step++) {
            HttpResponse<String> answer = send(browser, next, form);
            Matcher action = ACTION.matcher(answer.body());
            if (answer.headers().firstValue("Location").isPresent()) {
                next = next.resolve(answer.headers().firstValue("Location").get());
                form = "";
            } else if (answer.statusCode() == 200 && action.find()) {
                next = next.resolve(action.group(1));
                form = answer.body().contains("value=\"login\"")
                        ? "prompt=login&password=x&login=" + encoded(user)
                        : "prompt=consent";
            } else {
                throw new IllegalStateException("the provider answers " + answer.statusCode() + ": " + answer.body());
            }
        }
        return next;
    }

    /** An access token for a user, and an ID token beside it, as JSON. */
    public String tokens(String user) {
        String verifier = ServerProcess.newPassword() + ServerProcess.newPassword();
        Map<String, String> query = Map.of(
                "client_id",
                CLIENT_ID,
                "response_type",
                "code",
                "redirect_uri",
                OWN_CALLBACK,
                "scope",
                "openid",
                "code_challenge",
                challenge(verifier),
                "code_challenge_method",
                "S256");
        URI back = login(URI.create(issuer() + "/auth?" + form(query)), user);
        Matcher code = Pattern.compile("[?&]code=([^&]+)").matcher(back.toString());
        if (!code.find()) {
            throw new IllegalStateException("no code: " + back);
        }
        Map<String, String> exchange = new HashMap<>(Map.of(
                "grant_type", "authorization_code",
                "code", code.group(1),
                "redirect_uri", OWN_CALLBACK,
                "code_verifier", verifier,
                "client_id", CLIENT_ID,
                "client_secret", secret));
        HttpClient client = HttpClient.newBuilder()
                .sslContext(certificates.trustingContext())
                .build();
        String client64 =
                Base64.getEncoder().encodeToString((CLIENT_ID + ":" + secret).getBytes(StandardCharsets.UTF_8));
        exchange.keySet().removeAll(List.of("client_id", "client_secret"));
        HttpRequest request = HttpRequest.newBuilder(URI.create(issuer() + "/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Authorization", "Basic " + client64)
                .POST(HttpRequest.BodyPublishers.ofString(form(exchange)))
                .build();
        return sent(client, request).body();
    }

    private static HttpResponse<String> send(HttpClient browser, URI address, String form) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        if (!form.isEmpty()) {
            request.header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(form));
        }
        return sent(browser, request.build());
    }

    private static HttpResponse<String> sent(HttpClient client, HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String challenge(String verifier) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Puts the package into the build's folder, with exactly what package-lock.json names. */
    private static synchronized void install() {
        Path done = INSTALLED.resolve("installed");
        try {
            Files.createDirectories(INSTALLED);
            for (String file : FILES) {
                try (InputStream in =
                        Objects.requireNonNull(OpenidServer.class.getResourceAsStream("openid/" + file), file)) {
                    Files.write(INSTALLED.resolve(file), in.readAllBytes());
                }
            }
            if (!Files.exists(done)) {
                Path log = INSTALLED.resolve("npm.log");
                Process npm = new ProcessBuilder("npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts")
                        .directory(INSTALLED.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
                if (npm.waitFor() != 0) {
                    throw new IllegalStateException(
                            "npm could not install the OpenID provider: " + Files.readString(log));
                }
                Files.createFile(done);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
