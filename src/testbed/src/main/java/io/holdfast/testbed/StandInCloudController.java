package io.holdfast.testbed;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces Cloud Foundry's Cloud Controller, which cannot run here, with the one route that is asked:
 * {@code GET /v3/service_instances/{guid}/permissions}. It knows users by their token's subject, and looks at no signature.
 */
public final class StandInCloudController implements AutoCloseable {
    private static final Pattern PATH = Pattern.compile("/v3/service_instances/([^/]+)/permissions");
    private static final Pattern SUBJECT = Pattern.compile("\"sub\":\"([^\"]+)\"");

    private final HttpsServer server;
    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final AtomicBoolean down = new AtomicBoolean();
    private final AtomicInteger asked = new AtomicInteger();

    private StandInCloudController(Certificates certificates) {
        try {
            server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setHttpsConfigurator(new HttpsConfigurator(certificates.serverContext("cloud-controller")));
        server.createContext("/", this::answer);
        server.start();
    }

    /** Starts one in which nobody may do anything. */
    public static StandInCloudController start(Certificates certificates) {
        return new StandInCloudController(certificates);
    }

    public String url() {
        return "https://localhost:" + server.getAddress().getPort();
    }

    /** What a user may do with a service instance from now on. */
    public void allow(String user, String instanceId, boolean read, boolean manage) {
        answers.put(user + " " + instanceId, "{\"manage\":" + manage + ",\"read\":" + read + "}");
    }

    /** Whether it answers 503 from now on. */
    public void down(boolean isDown) {
        down.set(isDown);
    }

    /** How often it was asked. */
    public int asked() {
        return asked.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.incrementAndGet();
        Matcher path = PATH.matcher(exchange.getRequestURI().getRawPath());
        String token = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        String found = path.matches() ? answers.get(subject(token) + " " + path.group(1)) : null;
        int status = down.get() ? 503 : found == null ? 404 : 200;
        byte[] body = (found == null || down.get() ? "{\"errors\":[]}" : found).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static String subject(String authorization) {
        String[] parts = authorization.replaceFirst("(?i)^bearer ", "").split("\\.", -1);
        if (parts.length != 3) {
            return "";
        }
        Matcher subject = SUBJECT.matcher(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
        return subject.find() ? subject.group(1) : "";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
