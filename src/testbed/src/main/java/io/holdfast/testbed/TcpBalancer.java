package io.holdfast.testbed;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A load balancer for TCP connections on 127.0.0.1: each goes to the next server in turn, or to the one after it when that
 * one does not answer. It passes bytes through and knows nothing of them.
 */
public final class TcpBalancer implements AutoCloseable {
    private static final int CONNECT_MILLIS = 1_000;

    private final ServerSocket listening;
    private final List<Integer> ports;
    private final AtomicInteger turn = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private TcpBalancer(ServerSocket listening, List<Integer> ports) {
        this.listening = listening;
        this.ports = List.copyOf(ports);
    }

    /**
     * Starts a balancer.
     *
     * @param port where it listens
     * @param ports where the servers listen, sooner or later
     */
    public static TcpBalancer start(int port, List<Integer> ports) throws IOException {
        TcpBalancer balancer = new TcpBalancer(new ServerSocket(port, 200, InetAddress.getLoopbackAddress()), ports);
        Thread.ofVirtual().name("balancer").start(balancer::accept);
        return balancer;
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                // Closed.
                return;
            }
        }
    }

    private void serve(Socket client) {
        int first = turn.getAndIncrement();
        open.add(client);
        for (int i = 0; i < ports.size(); i++) {
            Socket server = new Socket();
            try {
                int port = ports.get(Math.floorMod(first + i, ports.size()));
                server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            } catch (IOException e) {
                close(server);
                continue;
            }
            open.add(server);
            Thread.ofVirtual().start(() -> copy(server, client));
            copy(client, server);
            return;
        }
        close(client);
    }

    private void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // One side is gone; so is the other, below.
        } finally {
            close(from);
            close(to);
        }
    }

    private void close(Socket socket) {
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
        open.forEach(TcpBalancer::quietly);
    }
}
