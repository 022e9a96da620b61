package io.holdfast.manager.store;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.holdfast.manager.store.directory.DirectoryStore;
import io.holdfast.manager.store.directory.SignedRead;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Serves a directory store's signed addresses with the JDK's HTTP server: a stand-in for the manager's own. */
final class DirectoryStoreServer implements AutoCloseable {
    private static final String BASE = "/store/";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile @Nullable DirectoryStore store;

    DirectoryStoreServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext(BASE, this::handle);
        server.start();
    }

    URI baseUri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/store");
    }

    void serve(DirectoryStore toServe) {
        this.store = toServe;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            try {
                answer(exchange);
            } catch (StoreException e) {
                exchange.sendResponseHeaders(status(exchange, e), -1);
            }
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        DirectoryStore current = store;
        if (current == null) {
            exchange.sendResponseHeaders(503, -1);
            return;
        }
        String path = exchange.getRequestURI().getRawPath().substring(BASE.length());
        String rawQuery = exchange.getRequestURI().getRawQuery();
        String query = rawQuery == null ? "" : rawQuery;
        if (exchange.getRequestMethod().equals("PUT")) {
            String md5 = current.receive(
                    path,
                    query,
                    exchange.getRequestHeaders().getFirst("Content-MD5"),
                    Long.parseLong(exchange.getRequestHeaders().getFirst("Content-Length")),
                    exchange.getRequestBody());
            exchange.getResponseHeaders().set("ETag", "\"" + md5 + "\"");
            exchange.sendResponseHeaders(200, -1);
        } else {
            try (SignedRead read =
                    current.open(path, query, exchange.getRequestHeaders().getFirst("Range"))) {
                if (read.partial()) {
                    exchange.getResponseHeaders().set("Content-Range", read.contentRange());
                }
                exchange.sendResponseHeaders(read.partial() ? 206 : 200, read.length() == 0 ? -1 : read.length());
                try (OutputStream out = exchange.getResponseBody()) {
                    read.content().transferTo(out);
                }
            }
        }
    }

    private static int status(HttpExchange exchange, StoreException e) {
        return switch (e.kind()) {
            case PASSING -> 503;
            case DENIED -> 403;
            case NOT_FOUND -> 404;
            case CORRUPT -> 400;
            case FULL -> 507;
            case REFUSED -> exchange.getRequestMethod().equals("GET") ? 416 : 400;
        };
    }
}
