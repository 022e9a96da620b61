package io.holdfast.testbed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A load balancer for TCP connections on 127.0.0.1: each goes to the next server in turn, or to the one after it when that
 * one does not answer. It passes bytes through and knows nothing of them.
 */
public final class TcpBalancer implements AutoCloseable {
    private static final int CONNECT_MILLIS = 1_000;

    private final TcpListener listener;
    private final List<Integer> ports;
    private final AtomicInteger turn = new AtomicInteger();

    private TcpBalancer(TcpListener listener, List<Integer> ports) {
        this.listener = listener;
        this.ports = List.copyOf(ports);
    }

    /**
     * Starts a balancer.
     *
     * @param port where it listens
     * @param ports where the servers listen, sooner or later
     */
    public static TcpBalancer start(int port, List<Integer> ports) throws IOException {
        TcpBalancer balancer = new TcpBalancer(new TcpListener(port), ports);
        balancer.listener.serve(balancer::serve);
        return balancer;
    }

    private void serve(Socket client) {
        int first = turn.getAndIncrement();
        for (int i = 0; i < ports.size(); i++) {
            Socket server = new Socket();
            try {
                int port = ports.get(Math.floorMod(first + i, ports.size()));
                server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            } catch (IOException e) {
                listener.close(server);
                continue;
            }
            listener.opened(server);
            Thread.ofVirtual().start(() -> copy(server, client));
            copy(client, server);
            return;
        }
        listener.close(client);
    }

    private void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // One side is gone; so is the other, below.
        } finally {
            listener.close(from);
            listener.close(to);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
