package io.holdfast.agent.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Which calls on sockets end. */
class BoundedCallTest {
    @Test
    void writingToSomebodyWhoTakesNothingEnds() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(silent.getInetAddress(), silent.getLocalPort())) {
            long begin = System.nanoTime();
            assertThatThrownBy(() -> BoundedCall.of(Duration.ofSeconds(1), () -> {
                        while (true) {
                            socket.getOutputStream().write(new byte[1 << 20]);
                        }
                    }))
                    .isInstanceOf(SocketTimeoutException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
        }
    }

    @Test
    void interruptEndsItAndStaysNoted() throws Exception {
        AtomicReference<String> ended = new AtomicReference<>("");
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                BoundedCall.of(Duration.ofHours(1), () -> {
                    Thread.sleep(Duration.ofHours(1));
                    return "";
                });
            } catch (InterruptedIOException e) {
                ended.set("noted: " + Thread.currentThread().isInterrupted());
            } catch (Exception e) {
                ended.set(e.toString());
            }
        });
        caller.interrupt();
        caller.join();
        assertThat(ended.get()).isEqualTo("noted: true");
    }

    @Test
    void answerIsGiven() throws Exception {
        assertThat(BoundedCall.of(Duration.ofMinutes(1), () -> 7)).isEqualTo(7);
    }
}
