package io.holdfast.manager.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are broken or mean no good, at the real listener: they get a 4xx or nothing, and others are served. */
class HostileClientsTest {
    private static final String HEAD = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n";

    @TempDir
    Path folder;

    private RawListener listener;

    @BeforeEach
    void start() throws IOException {
        listener = new RawListener(folder);
    }

    @AfterEach
    void stop() throws IOException {
        listener.close();
    }

    private static void assertRefused(String what, String answer) {
        String start = what.substring(0, Math.min(what.length(), 60));
        assertThat(answer).as(start).matches("(?s)(HTTP/1\\.1 4\\d\\d .*\"hint\":.*)?");
        assertThat(answer).as(start).doesNotContainIgnoringCase("jetty").doesNotContain("Exception", "java.");
    }

    @Test
    void whatIsTooLargeIsRefused() throws Exception {
        for (String request : List.of(
                "GET /ok HTTP/1.1\r\nHost: x\r\nX-Long: " + "x".repeat(100_000) + "\r\n\r\n",
                "GET /ok HTTP/1.1\r\nHost: x\r\n" + "X-Many: x\r\n".repeat(20_000) + "\r\n",
                "GET /" + "x".repeat(100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
                HEAD + "Connection: close\r\nContent-Length: 70000\r\n\r\n" + "x".repeat(70_000),
                HEAD + "Transfer-Encoding: chunked\r\n\r\n11170\r\n" + "x".repeat(70_000) + "\r\n0\r\n\r\n")) {
            Socket socket = listener.tls();
            try {
                RawListener.send(socket, request);
            } catch (IOException e) {
                // The other side has heard enough.
            }
            assertRefused(request, RawListener.answer(socket));
        }
        listener.assertServes();
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
            Socket socket = listener.tls();
            RawListener.send(socket, request);
            socket.shutdownOutput();
            assertRefused(request, RawListener.answer(socket));
        }
        Socket notTls = listener.plain();
        RawListener.send(notTls, "GET /ok HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(RawListener.answer(notTls)).doesNotContain("HTTP/1.1 2");
        listener.assertServes();
    }

    @Test
    void aBodyThatIsCutOffIsNoFaultOfTheManager() throws Exception {
        for (String known : List.of("", RawListener.KNOWN)) {
            Socket socket = listener.tls();
            RawListener.send(socket, HEAD + known + "Content-Length: 100\r\n\r\nhalf");
            socket.shutdownOutput();
            assertRefused("cut off", RawListener.answer(socket));
        }
        listener.assertServes();
    }
}
