package io.holdfast.protocol.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/**
 * Makes TLS sockets only on top of plain ones that are connected already. May be used by any thread.
 *
 * <p>A virtual thread that is interrupted while it reads or writes a socket closes it. A TLS socket that is its own transport
 * then wants to say goodbye on the connection, which is a write of an interrupted thread, so it closes itself, and so on until the
 * stack is full (seen with JDK 25.0.3). On top of a plain socket that one is closed, and the goodbye just fails.
 *
 * <p>{@code HttpsURLConnection} asks for an unconnected socket first, and makes a plain one when there is none, as here. It uses a
 * connection again only for the same factory: keep one.
 */
public final class LayeredSockets extends SSLSocketFactory {
    private final SSLSocketFactory tls;

    /** With the keys and the trust of this context. */
    public LayeredSockets(SSLContext context) {
        this(context.getSocketFactory());
    }

    /** As this one makes them. */
    public LayeredSockets(SSLSocketFactory tls) {
        this.tls = tls;
    }

    @Override
    public Socket createSocket(Socket transport, String host, int port, boolean autoClose) throws IOException {
        return tls.createSocket(transport, host, port, autoClose);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return layered(new Socket(host, port), host, port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return layered(new Socket(host, port, localHost, localPort), host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return layered(new Socket(host, port), host.getHostAddress(), port);
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return layered(new Socket(address, port, localAddress, localPort), address.getHostAddress(), port);
    }

    private Socket layered(Socket transport, String host, int port) throws IOException {
        try {
            return tls.createSocket(transport, host, port, true);
        } catch (IOException e) {
            try (transport) {
                throw e;
            }
        }
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return tls.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return tls.getSupportedCipherSuites();
    }
}
