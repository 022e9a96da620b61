package io.holdfast.manager.listener;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of one listener, of which there are only so many: each takes memory whatever is sent over it. When
 * there is one too many, whoever has most loses the oldest one: of strangers the address, of others the caller. So a
 * crowd of idle or slow connections drives itself out, and everybody else is served. Jetty's threads call.
 */
final class Connections implements Connection.Listener {
    private static final int INPUT_BYTES = 4096;
    private static final int NETWORK_BYTES = 8;

    private final Limits limits;

    /** By their TLS connection. All of what follows is guarded by it. */
    private final Map<SslConnection, Open> all = new HashMap<>();

    private final Map<String, SequencedSet<Open>> strangers = new HashMap<>();
    private final Map<String, SequencedSet<Open>> known = new HashMap<>();
    private int strange;

    /** One connection, and whose it is. */
    private static final class Open {
        private final SslConnection connection;
        private String whose;
        private boolean isKnown;

        Open(SslConnection connection, String whose) {
            this.connection = connection;
            this.whose = whose;
        }
    }

    Connections(Limits limits) {
        this.limits = limits;
    }

    @Override
    public void onOpened(Connection connection) {
        if (connection instanceof SslConnection tls) {
            close(add(tls));
        } else if (connection instanceof AbstractConnection http) {
            // A request that waits keeps its buffer. Jetty chooses the size of the largest TLS record when the
            // connection is made, so it is changed after that.
            http.setInputBufferSize(INPUT_BYTES);
        }
    }

    @Override
    public void onClosed(Connection connection) {
        if (connection instanceof SslConnection tls) {
            synchronized (all) {
                Open open = all.remove(tls);
                if (open != null) {
                    remove(open);
                }
            }
        }
    }

    private @Nullable Open add(SslConnection tls) {
        Open open = new Open(tls, network(tls.getEndPoint()));
        synchronized (all) {
            all.put(tls, open);
            strangers.computeIfAbsent(open.whose, _ -> new LinkedHashSet<>()).add(open);
            strange++;
            return strange > limits.strangers() ? oldest(most(strangers.values())) : null;
        }
    }

    /** It is known now who uses a connection. */
    void known(Connection connection, String caller) {
        if (connection.getEndPoint() instanceof SslConnection.SslEndPoint decrypted) {
            close(change(decrypted.getSslConnection(), caller));
        }
    }

    private @Nullable Open change(SslConnection tls, String caller) {
        synchronized (all) {
            Open open = all.get(tls);
            if (open == null || (open.isKnown && open.whose.equals(caller))) {
                return null;
            }
            remove(open);
            open.isKnown = true;
            open.whose = caller;
            SequencedSet<Open> its = known.computeIfAbsent(caller, _ -> new LinkedHashSet<>());
            its.add(open);
            if (its.size() > limits.connectionsOfOne()) {
                return oldest(its);
            }
            return all.size() - strange > limits.connections() ? oldest(most(known.values())) : null;
        }
    }

    private void remove(Open open) {
        Map<String, SequencedSet<Open>> sort = open.isKnown ? known : strangers;
        SequencedSet<Open> its = sort.get(open.whose);
        if (its != null && its.remove(open)) {
            if (its.isEmpty()) {
                sort.remove(open.whose);
            }
            strange -= open.isKnown ? 0 : 1;
        }
    }

    private static SequencedSet<Open> most(Collection<SequencedSet<Open>> sets) {
        return sets.stream().max(Comparator.comparingInt(Collection::size)).orElseThrow();
    }

    private Open oldest(SequencedSet<Open> its) {
        Open oldest = its.getFirst();
        all.remove(oldest.connection);
        remove(oldest);
        return oldest;
    }

    /** Without the lock: whatever waits for the connection goes on in this thread. */
    private static void close(@Nullable Open open) {
        if (open != null) {
            open.connection.getEndPoint().close();
        }
    }

    /** Closes a connection at once, without the words with which TLS does: the other side does not listen. */
    static void cut(Connection connection) {
        if (connection.getEndPoint() instanceof SslConnection.SslEndPoint decrypted) {
            decrypted.getSslConnection().getEndPoint().close();
        } else {
            connection.getEndPoint().close();
        }
    }

    /** The address that a connection comes from; of IPv6 the network, in which anybody has any number of addresses. */
    private static String network(EndPoint endPoint) {
        if (!(endPoint.getRemoteSocketAddress() instanceof InetSocketAddress remote) || remote.getAddress() == null) {
            return "";
        }
        InetAddress address = remote.getAddress();
        if (address instanceof Inet6Address) {
            try {
                return InetAddress.getByAddress(Arrays.copyOf(
                                Arrays.copyOf(address.getAddress(), NETWORK_BYTES), address.getAddress().length))
                        .getHostAddress();
            } catch (UnknownHostException e) {
                throw new IllegalStateException(e);
            }
        }
        return address.getHostAddress();
    }
}
