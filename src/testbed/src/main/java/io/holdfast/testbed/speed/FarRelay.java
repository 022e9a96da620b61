package io.holdfast.testbed.speed;

import io.holdfast.testbed.TcpListener;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Makes a server on 127.0.0.1 seem far away: what is sent to it, and what it sends, arrives half a round trip later, and a new
 * connection costs one round trip more, as TCP's handshake does. How much is on its way is not limited, nor how fast.
 */
public final class FarRelay implements AutoCloseable {
    private static final int PIECE_BYTES = 64 * 1024;
    private static final int MOST_PIECES = 1024;

    private final TcpListener listener;
    private final int target;
    private final Duration roundTrip;

    private FarRelay(TcpListener listener, int target, Duration roundTrip) {
        this.listener = listener;
        this.target = target;
        this.roundTrip = roundTrip;
    }

    /**
     * Starts one.
     *
     * @param target the server's port
     * @param roundTrip how much later the first answer comes on a connection that is there
     */
    public static FarRelay start(int target, Duration roundTrip) throws IOException {
        FarRelay relay = new FarRelay(new TcpListener(0), target, roundTrip);
        relay.listener.serve(relay::serve);
        return relay;
    }

    /**
     * Runs until it is ended.
     *
     * @param arguments the server's port, the round trip in milliseconds, and the file that gets the relay's port
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        try (FarRelay relay = start(Integer.parseInt(arguments[0]), Duration.ofMillis(Long.parseLong(arguments[1])))) {
            Files.writeString(Path.of(arguments[2]), relay.port() + "\n");
            Thread.currentThread().join();
        }
    }

    /** Where it listens. */
    public int port() {
        return listener.port();
    }

    private void serve(Socket client) {
        try {
            Socket server = listener.opened(new Socket(InetAddress.getLoopbackAddress(), target));
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            new Direction(client, server, System.nanoTime() + roundTrip.toNanos()).begin();
            new Direction(server, client, System.nanoTime()).begin();
        } catch (IOException e) {
            listener.close(client);
        }
    }

    /** Bytes that arrive at a time. Without any it is the end. */
    private static final class Piece {
        private final long arrives;
        private final byte[] bytes;

        Piece(long arrives, byte[] bytes) {
            this.arrives = arrives;
            this.bytes = bytes;
        }
    }

    /** One direction of a connection: a thread that reads, and one that writes when it is time. */
    private final class Direction {
        private final Socket from;
        private final Socket to;
        private final long earliest;
        private final BlockingQueue<Piece> onTheirWay = new LinkedBlockingQueue<>(MOST_PIECES);

        Direction(Socket from, Socket to, long earliest) {
            this.from = from;
            this.to = to;
            this.earliest = earliest;
        }

        void begin() {
            Thread.ofVirtual().start(this::read);
            Thread.ofVirtual().start(this::write);
        }

        private void read() {
            byte[] buffer = new byte[PIECE_BYTES];
            try {
                InputStream in = from.getInputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    put(Arrays.copyOf(buffer, read));
                }
            } catch (IOException e) {
                // One side is gone: the other learns it as if it had ended.
            } finally {
                put(new byte[0]);
            }
        }

        private void put(byte[] bytes) {
            try {
                onTheirWay.put(new Piece(Math.max(System.nanoTime(), earliest) + roundTrip.toNanos() / 2, bytes));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void write() {
            try {
                OutputStream out = to.getOutputStream();
                for (Piece piece = onTheirWay.take(); piece.bytes.length > 0; piece = onTheirWay.take()) {
                    await(piece);
                    out.write(piece.bytes);
                }
                to.shutdownOutput();
                if (from.isOutputShutdown()) {
                    listener.close(from);
                    listener.close(to);
                }
            } catch (IOException e) {
                listener.close(from);
                listener.close(to);
                // The reader may wait for room.
                onTheirWay.clear();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void await(Piece piece) throws InterruptedException {
            long left = piece.arrives - System.nanoTime();
            if (left > 0) {
                Thread.sleep(Duration.ofNanos(left));
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
