package io.holdfast.manager.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many clients that are slow, idle or ask for too much, at the real listener, which has served others before: they get
 * their end, and others are served. {@code scripts/hostile} does the same with very many of them.
 */
class CrowdsTest {
    private static final String POST = " HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n";
    private static final String OK = "GET /ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";

    @TempDir
    Path folder;

    private RawListener listener;

    @BeforeEach
    void start() throws IOException {
        listener = new RawListener(folder);
        // What was served before must not count for anybody.
        for (int i = 0; i < 20; i++) {
            String answer = listener.ask("POST /echo" + POST + RawListener.KNOWN
                    + "Connection: close\r\nContent-Length: 65000\r\n\r\n" + "x".repeat(65_000));
            assertThat(answer).startsWith("HTTP/1.1 200 ");
        }
    }

    @AfterEach
    void stop() throws IOException {
        listener.close();
    }

    @Test
    void s3_bodiesThatDoNotComeAreNotWaitedFor() throws Exception {
        for (String known : List.of("", RawListener.KNOWN)) {
            String answer = listener.ask("POST /echo" + POST + known + "Content-Length: 2000\r\n\r\nhalf");
            assertThat(answer).startsWith("HTTP/1.1 408 ").contains("\"RequestTimeout\"", "\"hint\":");
        }
    }

    @Test
    void s3_bodiesThatTrickleAreNotWaitedFor() throws Exception {
        List<Socket> slow = new ArrayList<>();
        for (String known : List.of("", RawListener.KNOWN)) {
            for (String length : List.of("Content-Length: 4000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nfa0\r\n")) {
                Socket socket = listener.tls();
                RawListener.send(socket, "POST /echo" + POST + known + length);
                slow.add(socket);
            }
        }
        Thread trickle = Thread.startVirtualThread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                for (Socket socket : slow) {
                    try {
                        RawListener.send(socket, "x");
                    } catch (IOException e) {
                        // This one was closed already.
                    }
                }
                LockSupport.parkNanos(20_000_000);
            }
        });
        try {
            for (Socket socket : slow) {
                assertThat(RawListener.answer(socket)).startsWith("HTTP/1.1 408 ");
            }
        } finally {
            trickle.interrupt();
            trickle.join();
        }
    }

    @Test
    void s3_bodiesOfStrangersAreSmall() throws Exception {
        for (String length : List.of(
                "Content-Length: 5000\r\n\r\n" + "x".repeat(5000),
                "Transfer-Encoding: chunked\r\n\r\n1388\r\n" + "x".repeat(5000) + "\r\n0\r\n\r\n")) {
            assertThat(listener.ask("POST /echo" + POST + "Connection: close\r\n" + length))
                    .startsWith("HTTP/1.1 413 ")
                    .contains("larger than 4096 bytes");
            assertThat(listener.ask("POST /echo" + POST + RawListener.KNOWN + "Connection: close\r\n" + length))
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void s3_whatIsRefusedIsNotReadBefore() throws Exception {
        // None of the bodies comes: whoever waited for one could not answer.
        for (String path : List.of("/never", "/nowhere", "/echo")) {
            for (String known : List.of("", RawListener.KNOWN)) {
                String answer =
                        listener.ask("POST " + path + POST + known + "Content-Length: 34359738368\r\n\r\n" + "x");
                assertThat(answer).as(path).matches("(?s)HTTP/1\\.1 4(01|04|13) .*Connection: close.*");
            }
        }
    }

    @Test
    void s3_whoSendsAllFirstSeesTheAnswer() throws Exception {
        Socket socket = listener.tls();
        RawListener.send(socket, "POST /never" + POST + "Content-Length: 50000\r\n\r\n" + "x".repeat(50_000));
        assertThat(RawListener.answer(socket)).startsWith("HTTP/1.1 401 ");
        Socket known = listener.tls();
        RawListener.send(
                known,
                "POST /echo" + POST + RawListener.KNOWN + "Content-Length: 900000\r\n\r\n" + "x".repeat(900_000));
        assertThat(RawListener.answer(known)).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void s3_whoDoesNotTakeItsAnswerIsNotWaitedFor() throws Exception {
        List<Socket> deaf = new ArrayList<>();
        for (int i = 0; i < RawListener.REQUESTS_OF_ONE; i++) {
            Socket socket = listener.tls();
            RawListener.send(socket, "GET /big" + POST + RawListener.KNOWN + "Connection: close\r\n\r\n");
            deaf.add(socket);
        }
        listener.awaitHeld(RawListener.REQUESTS_OF_ONE);
        // Its turn comes only when one of them has lost its own.
        String answer = "";
        while (!answer.startsWith("HTTP/1.1 204 ")) {
            answer = listener.ask(OK + RawListener.KNOWN + "\r\n");
        }
        List<Integer> lengths = new ArrayList<>();
        for (Socket socket : deaf) {
            lengths.add(RawListener.answer(socket).length());
        }
        assertThat(lengths).anyMatch(length -> length < 8 << 20);
    }

    @Test
    void s3_largeBodiesComeTwoAtATime() throws Exception {
        List<Socket> large = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Socket socket = listener.tls();
            RawListener.send(
                    socket,
                    "POST /large" + POST + "X-Caller: c" + i + "\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n"
                            + "x".repeat(100_000));
            large.add(socket);
        }
        // Those that waited too long are told so; who is small does not wait.
        assertThat(listener.ask("POST /echo" + POST + RawListener.KNOWN
                        + "Connection: close\r\nContent-Length: 10\r\n\r\n0123456789"))
                .startsWith("HTTP/1.1 200 ");
        List<String> answers = new ArrayList<>();
        for (Socket socket : large.subList(2, 5)) {
            answers.add(RawListener.answer(socket));
        }
        listener.release();
        for (Socket socket : large.subList(0, 2)) {
            answers.add(RawListener.answer(socket));
        }
        assertThat(answers).filteredOn(each -> each.startsWith("HTTP/1.1 503 ")).hasSize(3);
        assertThat(answers).filteredOn(each -> each.startsWith("HTTP/1.1 200 ")).hasSize(2);
        assertThat(listener.mostHeld()).isEqualTo(2);
    }

    @Test
    void s3_whoAsksTooMuchAtOnceWaitsForItself() throws Exception {
        for (int i = 0; i < RawListener.REQUESTS_OF_ONE; i++) {
            RawListener.send(listener.tls(), "POST /hold" + POST + RawListener.KNOWN + "\r\n");
        }
        listener.awaitHeld(RawListener.REQUESTS_OF_ONE);
        assertThat(listener.ask(OK + RawListener.KNOWN + "\r\n"))
                .startsWith("HTTP/1.1 503 ")
                .contains("\"Busy\"", "this caller", "\"hint\":");
        assertThat(listener.ask(OK + "X-Caller: another\r\n\r\n")).startsWith("HTTP/1.1 204 ");
        assertThat(listener.ask(OK + "\r\n")).startsWith("HTTP/1.1 204 ");
        listener.release();
        assertThat(listener.ask(OK + RawListener.KNOWN + "\r\n")).startsWith("HTTP/1.1 204 ");
    }

    @Test
    void s3_crowdsOfStrangersDriveOutThemselvesAlone() throws Exception {
        Socket elsewhere = listener.tls("127.0.0.2");
        Socket known = listener.tls();
        RawListener.send(known, "POST /hold" + POST + RawListener.KNOWN + "Connection: close\r\n\r\n");
        List<Socket> crowd = new ArrayList<>();
        for (int i = 0; i < 5 * RawListener.STRANGERS; i++) {
            switch (i % 4) {
                case 0 -> crowd.add(listener.plain());
                case 1 -> crowd.add(listener.tls());
                case 2 -> {
                    Socket socket = listener.tls();
                    RawListener.send(socket, "GET /ok HTTP/1.1\r\nHost: x\r\nX-");
                    crowd.add(socket);
                }
                default -> {
                    Socket socket = listener.tls();
                    RawListener.send(socket, "POST /hold" + POST + "Content-Length: 4000\r\n\r\n");
                    crowd.add(socket);
                }
            }
        }
        listener.assertServes();
        // All but the last ones are closed.
        for (Socket socket : crowd.subList(0, crowd.size() - RawListener.STRANGERS)) {
            assertThat(RawListener.answer(socket)).isEmpty();
        }
        listener.release();
        RawListener.send(elsewhere, OK + "\r\n");
        assertThat(RawListener.answer(elsewhere)).startsWith("HTTP/1.1 204 ");
        assertThat(RawListener.answer(known)).startsWith("HTTP/1.1 200 ");
    }
}
