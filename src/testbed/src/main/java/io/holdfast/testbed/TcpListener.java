package io.holdfast.testbed;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * What something in between has of TCP connections: it listens on 127.0.0.1, serves each connection in a thread of its own, and
 * closes at its end all that is open.
 */
public final class TcpListener implements AutoCloseable {
    private static final int BACKLOG = 200;

    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /**
     * Listens, without accepting anything yet.
     *
     * @param port where; 0 for a free one
     */
    public TcpListener(int port) throws IOException {
        listening = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
    }

    /** Accepts connections from now on, and hands each to this, in a thread of its own. */
    public void serve(Consumer<Socket> connection) {
        Thread.ofVirtual().name("tcp-listener").start(() -> {
            while (!listening.isClosed()) {
                try {
                    Socket client = opened(listening.accept());
                    Thread.ofVirtual().start(() -> connection.accept(client));
                } catch (IOException e) {
                    // Closed.
                    return;
                }
            }
        });
    }

    /** Where it listens. */
    public int port() {
        return listening.getLocalPort();
    }

    /** Notes that this is to be closed too. */
    public Socket opened(Socket socket) {
        open.add(socket);
        return socket;
    }

    /** Closes one of a connection's sockets. */
    public void close(Socket socket) {
        open.remove(socket);
        quietly(socket);
    }

    private static void quietly(Closeable each) {
        try {
            each.close();
        } catch (IOException e) {
            // It is of no use any more.
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        open.forEach(TcpListener::quietly);
    }
}
