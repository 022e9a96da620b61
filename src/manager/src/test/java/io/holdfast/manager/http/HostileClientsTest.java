package io.holdfast.manager.http;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are broken or mean no good, at the real listener: they get a 4xx or nothing, and others are served. */
class HostileClientsTest {
    private static final int MOST_REQUESTS = 50;
    private static final int WAIT_MILLIS = 50_000;
    private static final String HEAD = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n";

    @TempDir
    Path folder;

    private Certificates certificates;
    private HttpListener listener;
    private final List<Socket> open = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        certificates = new Certificates(folder);
        Certificates.Issued tls = certificates.server("listener");
        Router router = new Router()
                .add("GET", "/ok", request -> Reply.nothing())
                .add("POST", "/echo", request -> Reply.bytes(200, Map.of(), request.bytes(64 * 1024)));
        listener = new HttpListener(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                tls.certificateFile(),
                tls.privateKeyFile(),
                false,
                MOST_REQUESTS,
                router);
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
        listener.close();
    }

    private Socket plain() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port());
        socket.setSoTimeout(WAIT_MILLIS);
        open.add(socket);
        return socket;
    }

    private Socket tls() throws IOException {
        Socket socket = certificates
                .trustingContext()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), listener.port());
        socket.setSoTimeout(WAIT_MILLIS);
        open.add(socket);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** All that comes until the other side closes; nothing when it does so without a word. */
    private static String answer(Socket socket) throws IOException {
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

    private void assertOthersAreServed() throws IOException, InterruptedException {
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

    private static void assertRefused(String what, String answer) {
        String start = what.substring(0, Math.min(what.length(), 60));
        assertThat(answer).as(start).matches("(?s)(HTTP/1\\.1 4\\d\\d .*\"hint\":.*)?");
        assertThat(answer).as(start).doesNotContainIgnoringCase("jetty").doesNotContain("Exception", "java.");
    }

    @Test
    void aThousandIdleConnectionsLeaveRoomForOthers() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            plain();
        }
        for (int i = 0; i < 100; i++) {
            send(tls(), "");
        }
        assertOthersAreServed();
    }

    @Test
    void headersThatDoNotEndHoldUpNobody() throws Exception {
        for (int i = 0; i < 3 * MOST_REQUESTS; i++) {
            send(tls(), "GET /ok HTTP/1.1\r\nHost: x\r\nX-");
        }
        assertOthersAreServed();
    }

    @Test
    void bodiesThatTrickleAreNotWaitedFor() throws Exception {
        List<Socket> slow = bodiesThatAreAwaited();
        // Every one of them holds one of the requests that are answered at once, until it is found to be too slow.
        Thread trickle = Thread.startVirtualThread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                for (Socket socket : slow) {
                    try {
                        send(socket, "x");
                    } catch (IOException e) {
                        // This one was closed already.
                    }
                }
                LockSupport.parkNanos(20_000_000);
            }
        });
        try {
            assertOthersAreServed();
        } finally {
            trickle.interrupt();
            trickle.join();
        }
    }

    @Test
    void whoWaitsTooLongForOthersIsToldThatTheManagerIsBusy() throws Exception {
        bodiesThatAreAwaited();
        String answer = okRequest();
        for (int i = 0; i < 100 && answer.startsWith("HTTP/1.1 204"); i++) {
            answer = okRequest(); // it has overtaken one of the others
        }
        assertThat(answer).startsWith("HTTP/1.1 503 ").contains("\"Busy\"", "\"hint\":");
    }

    private String okRequest() throws IOException {
        Socket socket = tls();
        send(socket, "GET /ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        return answer(socket);
    }

    /** As many requests as are answered at once. */
    private List<Socket> bodiesThatAreAwaited() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < MOST_REQUESTS; i++) {
            Socket socket = tls();
            send(socket, HEAD + "Content-Length: 60000\r\n\r\n");
            sockets.add(socket);
        }
        return sockets;
    }

    @Test
    void whatIsTooLargeIsRefused() throws Exception {
        for (String request : List.of(
                "GET /ok HTTP/1.1\r\nHost: x\r\nX-Long: " + "x".repeat(100_000) + "\r\n\r\n",
                "GET /ok HTTP/1.1\r\nHost: x\r\n" + "X-Many: x\r\n".repeat(20_000) + "\r\n",
                "GET /" + "x".repeat(100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
                HEAD + "Connection: close\r\nContent-Length: 70000\r\n\r\n" + "x".repeat(70_000))) {
            Socket socket = tls();
            try {
                send(socket, request);
            } catch (IOException e) {
                // The other side has heard enough.
            }
            assertRefused(request, answer(socket));
        }
        assertOthersAreServed();
    }

    @Test
    void whatIsNotHttpIsRefused() throws Exception {
        for (String request : List.of(
                "\0\0\0\0\r\n\r\n",
                "GET\r\n\r\n",
                "GET /ok HTTP/9.9\r\nHost: x\r\n\r\n",
                "GET /ok HTTP/1.1\r\n\r\n",
                "GET /ok HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                "GET ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "GET /o\0k HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /ok HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n",
                "GET /ok HTTP/1.1\r\nHost: x\r\n folded: c\r\n\r\n",
                HEAD + "Content-Length: -1\r\n\r\n",
                HEAD + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
                HEAD + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                HEAD + "Transfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n0\r\n\r\n",
                HEAD + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
                HEAD + "Transfer-Encoding: gzip\r\nConnection: close\r\n\r\n",
                "CONNECT elsewhere:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "SSH-2.0-OpenSSH_9.0\r\n")) {
            Socket socket = tls();
            send(socket, request);
            socket.shutdownOutput();
            assertRefused(request, answer(socket));
        }
        Socket notTls = plain();
        send(notTls, "GET /ok HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(answer(notTls)).doesNotContain("HTTP/1.1 2");
        assertOthersAreServed();
    }

    @Test
    void aBodyThatIsCutOffIsNoFaultOfTheManager() throws Exception {
        Socket socket = tls();
        send(socket, HEAD + "Content-Length: 100\r\n\r\nhalf");
        socket.shutdownOutput();
        assertRefused("cut off", answer(socket));
        assertOthersAreServed();
    }
}
