package io.holdfast.agent.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.holdfast.agent.attempt.Progress;
import io.holdfast.protocol.Address;
import io.holdfast.protocol.tls.LayeredSockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A store whose side of the connection does nothing, so that only the machine's own buffers take bytes. */
@Timeout(60)
class StoreRequestsTest {
    /** More than any buffers of a connection hold. */
    private static final int BYTES = 32 * 1024 * 1024;

    private final Progress progress = new Progress();
    private final StoreRequests requests = new StoreRequests(
            new StoreConnections(
                    new LayeredSockets((SSLSocketFactory) SSLSocketFactory.getDefault()),
                    new StorePatience(Duration.ofSeconds(1), Duration.ofMinutes(1))),
            progress);

    private static <T> T inVirtualThread(Callable<T> call) throws Throwable {
        FutureTask<T> task = new FutureTask<>(call);
        Thread.ofVirtual().start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    @Test
    void t1_putOfWhichNothingIsTakenAnyMoreIsGivenUpAndCountsAsNothing() throws Exception {
        try (ServerSocket store = new ServerSocket()) {
            store.setReceiveBufferSize(4096);
            store.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Address address = new Address("http://127.0.0.1:" + store.getLocalPort() + "/object", Map.of());
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> inVirtualThread(() -> {
                        requests.put(address, new byte[BYTES], BYTES, new byte[16]);
                        return null;
                    }))
                    .withMessageMatching("the store accepted no byte for 1 s, after \\d+ of " + BYTES);
            assertThat(progress.bytesOut()).isZero();
        }
    }

    @Test
    void t1_getOfWhichNothingComesAnyMoreIsGivenUpAndCountsAsNothing() throws Exception {
        try (ServerSocket store = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Address address = new Address("http://127.0.0.1:" + store.getLocalPort() + "/object", Map.of());
            FutureTask<Void> half = new FutureTask<>(() -> {
                Socket connection = store.accept();
                connection
                        .getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"
                                .getBytes(StandardCharsets.US_ASCII));
                return null;
            });
            Thread.ofVirtual().start(half);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> inVirtualThread(() -> requests.get(address, "it", 10, new byte[11])))
                    .withMessageContaining("timed out");
            half.get();
            assertThat(progress.bytesOut()).isZero();
        }
    }
}
