package io.holdfast.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How clients and the two listeners come to a common language. */
class TlsVersionsTest {
    /** RFC 8446, 6: an alert record, and that the version is not supported. */
    private static final int ALERT = 21;

    private static final int PROTOCOL_VERSION = 70;

    @TempDir
    static Path folder;

    private static RunningManager running;

    @BeforeAll
    static void start() throws IOException {
        running = new RunningManager(folder);
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    private static List<Integer> ports() {
        return List.of(running.port, running.agentsPort);
    }

    @Test
    void tls12And13AreSpoken() throws Exception {
        for (int port : ports()) {
            for (String version : List.of("TLSv1.2", "TLSv1.3")) {
                try (SSLSocket socket = (SSLSocket) running.certificates
                        .trustingContext()
                        .getSocketFactory()
                        .createSocket("127.0.0.1", port)) {
                    socket.setEnabledProtocols(new String[] {version});
                    socket.startHandshake();
                    assertThat(socket.getSession().getProtocol()).isEqualTo(version);
                }
            }
        }
    }

    @Test
    void olderVersionsAreRefused() throws Exception {
        for (int port : ports()) {
            for (int minor : new int[] {0, 1, 2}) {
                byte[] answer = answer(port, clientHello(minor));
                assertThat(answer).as("version 3.%d", minor).hasSizeGreaterThanOrEqualTo(7);
                assertThat((int) answer[0]).isEqualTo(ALERT);
                assertThat((int) answer[6]).isEqualTo(PROTOCOL_VERSION);
            }
        }
    }

    @Test
    void withoutTlsThereIsNoHttp() throws Exception {
        for (int port : ports()) {
            byte[] answer =
                    answer(port, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(answer, StandardCharsets.ISO_8859_1)).doesNotContain("HTTP");
        }
    }

    @Test
    void whoDoesNotTrustTheAuthoritySendsNothing() {
        for (int port : ports()) {
            assertThatThrownBy(() -> {
                        try (SSLSocket socket = (SSLSocket) javax.net.ssl.SSLContext.getDefault()
                                .getSocketFactory()
                                .createSocket("127.0.0.1", port)) {
                            socket.startHandshake();
                        }
                    })
                    .isInstanceOf(SSLException.class);
        }
    }

    private static byte[] answer(int port, byte[] sent) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(sent);
            InputStream in = socket.getInputStream();
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            try {
                in.transferTo(all);
            } catch (IOException e) {
                // Closed without a word is an answer too.
            }
            return all.toByteArray();
        }
    }

    /** A greeting that offers this version at most, with ciphers that it has (RFC 5246, 7.4.1.2). */
    private static byte[] clientHello(int minor) {
        byte[] nonce = new byte[32];
        new Random(minor).nextBytes(nonce);
        ByteArrayOutputStream hello = new ByteArrayOutputStream();
        hello.writeBytes(new byte[] {3, (byte) minor});
        hello.writeBytes(nonce);
        hello.writeBytes(new byte[] {0, 0, 6, (byte) 0xc0, 9, (byte) 0xc0, 0x13, 0, 0x2f, 1, 0});
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        record.writeBytes(new byte[] {22, 3, 1, 0, (byte) (hello.size() + 4), 1, 0, 0, (byte) hello.size()});
        record.writeBytes(hello.toByteArray());
        return record.toByteArray();
    }
}
