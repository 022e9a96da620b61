package io.holdfast.agent.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said of a store that refuses a signed address, by its answer and its clock. */
class RefusalTest {
    private static final String DENIED = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";

    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/403", exchange -> {
            try (exchange) {
                byte[] body = DENIED.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(403, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.createContext("/503", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(503, -1);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void t8_clockThatIsOffIsTold() throws IOException {
        for (Duration off : new Duration[] {Duration.ofMinutes(-20), Duration.ofMinutes(20)}) {
            String said = refusal("/403?partNumber=1&X-Amz-Date=" + signed(off) + "&X-Amz-Expires=900");
            assertThat(said)
                    .startsWith("the store answered 403 AccessDenied: it is ")
                    .contains("by the store's clock", "by the manager's when it signed the address", "NTP");
        }
    }

    @Test
    void t8_nothingIsSaidOfAClockThatIsRightOrOfOtherAnswers() throws IOException {
        for (String address : new String[] {
            "/403?X-Amz-Date=" + signed(Duration.ofSeconds(-30)),
            "/403",
            "/403?X-Amz-Date=soon",
            "/403?X-Amz-Date=20261399T000000Z"
        }) {
            assertThat(refusal(address)).as(address).isEqualTo("the store answered 403 AccessDenied");
        }
        assertThat(refusal("/503?X-Amz-Date=" + signed(Duration.ofHours(-1)))).isEqualTo("the store answered 503");
    }

    private static String signed(Duration off) {
        return DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
                .withZone(ZoneOffset.UTC)
                .format(Instant.now().plus(off));
    }

    private String refusal(String address) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + address)
                        .toURL()
                        .openConnection();
        int status = connection.getResponseCode();
        assertThat(status).isGreaterThan(400);
        return StoreConnections.refusal(connection, StoreConnections.text(connection));
    }
}
