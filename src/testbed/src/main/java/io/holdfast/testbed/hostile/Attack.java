package io.holdfast.testbed.hostile;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Base64;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** What a hostile connection does, until it is closed. Each is used by one thread. */
enum Attack {
    /** A connection, and nothing more. */
    SILENT {
        @Override
        void run(Attacker attacker) throws IOException {
            hold(attacker.connect());
        }
    },
    /** The beginning of a TLS handshake. */
    HALF_HANDSHAKE {
        @Override
        void run(Attacker attacker) throws IOException {
            Socket socket = attacker.connect();
            // A handshake record of 512 bytes is announced (RFC 8446, 5.1), and some of it sent.
            socket.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3});
            hold(socket);
        }
    },
    /** Half of a request line. */
    HALF_REQUEST_LINE {
        @Override
        void run(Attacker attacker) throws IOException {
            hold(sent(attacker.handshaken(), "GET /instan"));
        }
    },
    /** A header line after the other, one byte a second. */
    DRIPPING_HEADERS {
        @Override
        void run(Attacker attacker) throws IOException {
            drip(
                    sent(attacker.handshaken(), "GET /healthz HTTP/1.1\r\nHost: x\r\n"),
                    "X-More: " + "x".repeat(50) + "\r\n");
        }
    },
    /** More headers than are read. */
    LARGE_HEADERS {
        @Override
        void run(Attacker attacker) throws IOException {
            String large = ("X-More: " + "x".repeat(1000) + "\r\n").repeat(64);
            hold(sent(attacker.handshaken(), "GET /healthz HTTP/1.1\r\nHost: x\r\n" + large + "\r\n"));
        }
    },
    /** Half of a body. */
    HALF_BODY {
        @Override
        void run(Attacker attacker) throws IOException {
            hold(sent(attacker.handshaken(), attacker.post(4000) + "{\"session\":"));
        }
    },
    /** A body of one byte a second. */
    DRIPPING_BODY {
        @Override
        void run(Attacker attacker) throws IOException {
            drip(sent(attacker.handshaken(), attacker.post(4000)), " ".repeat(4000));
        }
    },
    /** As much as is taken of a body without end. */
    LARGE_BODY {
        @Override
        void run(Attacker attacker) throws IOException {
            SSLSocket socket = sent(attacker.handshaken(), attacker.post(1_000_000_000));
            byte[] piece = " ".repeat(4096).getBytes(US_ASCII);
            for (int i = 0; i < 2500; i++) {
                socket.getOutputStream().write(piece);
            }
            hold(socket);
        }
    },
    /** A connection that is kept after an answer. */
    IDLE {
        @Override
        void run(Attacker attacker) throws IOException {
            hold(sent(attacker.handshaken(), "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
        }
    },
    /** Wrong passwords, one after the other, each for another name. */
    WRONG_PASSWORDS {
        @Override
        void run(Attacker attacker) throws IOException {
            SSLSocket socket = attacker.handshaken();
            Random random = new Random();
            for (int i = 0; i < 5; i++) {
                String guess = "user-" + random.nextInt(1_000_000) + ":guess";
                sent(
                        socket,
                        "GET /instances HTTP/1.1\r\nHost: x\r\nAuthorization: Basic "
                                + Base64.getEncoder().encodeToString(guess.getBytes(US_ASCII)) + "\r\n\r\n");
                pause(500);
            }
            hold(socket);
        }
    },
    /** As somebody who is known: a call that waits, or events that are followed, over and over. */
    WAITING {
        @Override
        void run(Attacker attacker) throws IOException {
            hold(sent(attacker.handshaken(), attacker.waiting()));
        }
    };

    /** Somebody who connects to one of the two listeners. */
    interface Attacker {
        /** A TCP connection. */
        Socket connect() throws IOException;

        /** One over which TLS has begun, perhaps with a client certificate. */
        SSLSocket handshaken() throws IOException;

        /** The head of a {@code POST} with a body of this length, perhaps with credentials. */
        String post(long length);

        /** A request that is answered late, or for ever. */
        String waiting();
    }

    /** Does it. Returns when the connection is at its end. */
    abstract void run(Attacker attacker) throws IOException;

    /** Reads what comes until nothing comes any more. */
    private static void hold(Socket socket) throws IOException {
        byte[] buffer = new byte[512];
        while (socket.getInputStream().read(buffer) >= 0) {
            // Who cares.
        }
    }

    private static SSLSocket sent(SSLSocket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
        return socket;
    }

    private static void drip(SSLSocket socket, String text) throws IOException {
        for (byte each : text.getBytes(US_ASCII)) {
            socket.getOutputStream().write(each);
            pause(1000);
        }
        hold(socket);
    }

    private static void pause(long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("stopped", e);
        }
    }

    /** Connects from an address of this machine's own network to 127.0.0.1. */
    static Socket connected(String from, int port) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 30_000);
        return socket;
    }

    /** Begins TLS over a connection. */
    static SSLSocket handshaken(SSLContext tls, Socket socket) throws IOException {
        SSLSocket secured =
                (SSLSocket) tls.getSocketFactory().createSocket(socket, "127.0.0.1", socket.getPort(), true);
        secured.setSoTimeout(600_000);
        secured.startHandshake();
        return secured;
    }
}
