package io.holdfast.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for a manager that misbehaves in ways that the real one cannot be made to: answers over real TLS whatever a
 * test has lined up, and remembers what it was asked.
 */
final class StandInManager implements AutoCloseable {
    private final HttpsServer server;
    private final BlockingDeque<Reply> replies = new LinkedBlockingDeque<>();
    private final Map<String, BlockingDeque<Reply>> fixed = new ConcurrentHashMap<>();
    private volatile CountDownLatch together = new CountDownLatch(0);
    private final Path caFile;
    private final Path passwordFile;

    /** What it was asked, in order. */
    final List<Asked> asked = new CopyOnWriteArrayList<>();

    /** The bodies of these calls, in order. */
    final List<String> bodies = new CopyOnWriteArrayList<>();

    /** One call. */
    record Asked(
            String method,
            String path,
            @Nullable String idempotencyKey,
            @Nullable String authorization) {}

    private record Reply(int status, String body, Map<String, String> headers) {}

    StandInManager(Path directory) throws IOException {
        Certificates certificates = new Certificates(directory.resolve("certificates"));
        caFile = certificates.caFile();
        passwordFile = Files.writeString(directory.resolve("password"), "a long password\n");
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificates.serverContext("manager")));
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    /** Lines up an answer. The last one is given again and again. */
    StandInManager then(int status, String body) {
        replies.add(new Reply(status, body, Map.of()));
        return this;
    }

    /** Lines up a page of a list, which leads to a next one. */
    StandInManager thenPage(String body, String next) {
        replies.add(new Reply(200, body, Map.of("Link", "<" + next + ">; rel=\"next\"")));
        return this;
    }

    /** Lines up a cut connection. */
    StandInManager thenCut() {
        replies.add(new Reply(0, "", Map.of()));
        return this;
    }

    /** Lines up a redirection. */
    StandInManager thenSendTo(String address) {
        replies.add(new Reply(307, "", Map.of("Location", address)));
        return this;
    }

    /** What a path answers from now on, whenever it is asked: the last of these replies again and again. */
    StandInManager at(String path, int status, String body) {
        fixed.computeIfAbsent(path, _ -> new LinkedBlockingDeque<>()).add(new Reply(status, body, Map.of()));
        return this;
    }

    /** Lets nobody have what is at a path of its own before so many ask at once. */
    void awaitAtOnce(int calls) {
        together = new CountDownLatch(calls);
    }

    String address() {
        return "https://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The variables that lead the client here. */
    Map<String, String> environment() {
        return Map.of(
                "HOLDFAST_MANAGER", address(),
                "HOLDFAST_USER", "admin",
                "HOLDFAST_PASSWORD_FILE", passwordFile.toString(),
                "HOLDFAST_CA_FILE", caFile.toString());
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.add(new Asked(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                exchange.getRequestHeaders().getFirst("Idempotency-Key"),
                exchange.getRequestHeaders().getFirst("Authorization")));
        bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        BlockingDeque<Reply> own = fixed.get(exchange.getRequestURI().toString());
        if (own != null) {
            waitForOthers();
        }
        BlockingDeque<Reply> from = own == null ? replies : own;
        Reply reply;
        synchronized (from) {
            reply = from.size() > 1 ? from.remove() : from.element();
        }
        try (exchange) {
            if (reply.status() == 0) {
                return;
            }
            reply.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private void waitForOthers() throws IOException {
        together.countDown();
        try {
            if (!together.await(20, TimeUnit.SECONDS)) {
                throw new IOException("nobody else asked");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
