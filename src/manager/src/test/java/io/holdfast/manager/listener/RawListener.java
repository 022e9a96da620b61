package io.holdfast.manager.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Router;
import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;

/**
 * A listener with small limits, and sockets to it. Its routes: {@code GET /ok}; {@code POST /echo}; {@code GET /big},
 * which answers with 8 MB; {@code POST /hold}, which answers when {@link #release} is called; {@code POST /never}, which
 * refuses everybody and reads nothing. A request with {@link #KNOWN} is of somebody who is known.
 */
final class RawListener implements AutoCloseable {
    static final String KNOWN = "X-Caller: somebody\r\n";
    static final int STRANGERS = 40;
    static final int REQUESTS_OF_ONE = 10;

    private static final Limits LIMITS =
            new Limits(STRANGERS, 100, 60, 50, REQUESTS_OF_ONE, Duration.ofSeconds(1), Duration.ofMillis(500));
    private static final int WAIT_MILLIS = 50_000;
    private static final int BIG = 8 << 20;
    private static final int BODY = 64 * 1024;

    private final Certificates certificates;
    private final HttpListener listener;
    private final List<Socket> open = new ArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicInteger mostHeld = new AtomicInteger();

    RawListener(Path folder) throws IOException {
        certificates = new Certificates(folder);
        Certificates.Issued tls = certificates.server("listener");
        Router router = new Router()
                .add("GET", "/ok", request -> Reply.nothing())
                .add("POST", "/echo", request -> Reply.bytes(200, Map.of(), request.bytes(BODY)))
                .add("POST", "/large", request -> hold(request.bytes(BIG)))
                .add("GET", "/big", request -> big())
                .add("POST", "/hold", request -> hold(new byte[0]))
                .add("POST", "/never", request -> {
                    throw new HttpError(ErrorCode.UNAUTHORIZED, "nobody may", "do not try");
                });
        listener = new HttpListener(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                tls.certificateFile(),
                tls.privateKeyFile(),
                false,
                LIMITS,
                new BodyMemory(0));
        listener.serve(request -> {
            String caller = request.headers().get("X-Caller");
            if (caller != null) {
                request.known(caller);
            }
            return router.handle(request);
        });
    }

    private Reply big() {
        held.incrementAndGet();
        return Reply.bytes(200, Map.of(), new byte[BIG]);
    }

    private Reply hold(byte[] content) throws InterruptedException {
        mostHeld.accumulateAndGet(held.incrementAndGet(), Math::max);
        released.await();
        held.decrementAndGet();
        return Reply.bytes(200, Map.of("X-Length", Integer.toString(content.length)), new byte[0]);
    }

    /** Answers what is held, from now on at once. */
    void release() {
        released.countDown();
    }

    /** Waits until so many requests are held. */
    void awaitHeld(int count) throws InterruptedException {
        while (held.get() < count) {
            Thread.sleep(5);
        }
    }

    /** How many were held at once. */
    int mostHeld() {
        return mostHeld.get();
    }

    Socket plain() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port());
        socket.setSoTimeout(WAIT_MILLIS);
        open.add(socket);
        return socket;
    }

    Socket tls() throws IOException {
        return tls("127.0.0.1");
    }

    /** A connection from another of this machine's addresses. */
    Socket tls(String from) throws IOException {
        Socket socket = certificates
                .trustingContext()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), listener.port(), InetAddress.ofLiteral(from), 0);
        socket.setSoTimeout(WAIT_MILLIS);
        open.add(socket);
        return socket;
    }

    static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** All that comes until the other side closes; nothing when it does so without a word. */
    static String answer(Socket socket) throws IOException {
        StringBuilder text = new StringBuilder();
        try {
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[4096];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                text.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("neither an answer nor an end", e);
        } catch (SocketException | SSLException e) {
            // It broke off: as good as an end.
        }
        return text.toString();
    }

    /** The answer to a request that was sent whole, over a connection of its own. */
    String ask(String request) throws IOException {
        Socket socket = tls();
        send(socket, request);
        return answer(socket);
    }

    /** Others are served. */
    void assertServes() throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(certificates.trustingContext())
                .build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + listener.port() + "/ok"))
                    .timeout(Duration.ofMillis(WAIT_MILLIS))
                    .build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(204);
        }
    }

    @Override
    public void close() throws IOException {
        release();
        for (Socket socket : open) {
            socket.close();
        }
        listener.close();
    }
}
