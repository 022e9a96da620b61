package io.holdfast.manager.listener;

import io.holdfast.manager.http.ClientCertificates;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Route;
import io.holdfast.protocol.tls.PemFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One address that speaks HTTPS and passes requests to one {@link Route}. */
public final class HttpListener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpListener.class);
    private static final int IDLE_MILLIS = 60_000;
    private static final int CONNECTIONS_TO_ACCEPT = 4096;
    private static final int STOP_MILLIS = 5_000;

    private final Server server;
    private final ServerConnector connector;
    private final Connections connections;
    private final Limits limits;
    private final BodyMemory memory;

    /**
     * Binds the address: clients may connect, and wait until {@link #serve}.
     *
     * @param clientCertificates whether clients are asked to show a certificate. Showing one proves that they have its
     *     private key; <b>who signed it, and whether it is still valid, the route has to check</b> with
     *     {@link ClientCertificates} before it believes it, so that a refused client is told why
     * @param limits what is let in at once
     * @param memory what all bodies together may take, of all listeners
     * @throws IOException when the certificate cannot be used or the address is taken
     */
    public HttpListener(
            InetSocketAddress address,
            Path certificateFile,
            Path privateKeyFile,
            boolean clientCertificates,
            Limits limits,
            BodyMemory memory)
            throws IOException {
        this.limits = limits;
        this.memory = memory;
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setSslContext(context(PemFiles.keyStore(certificateFile, privateKeyFile), clientCertificates));
        tls.setWantClientAuth(clientCertificates);

        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        // It would save a little work, and takes 80 KB for each connection, of which there are as many as agents.
        http.setHeaderCacheSize(0);
        // Each request that waits keeps its buffer. Memory outside of the heap is little, and a JVM that lacks it does
        // nothing but collect garbage.
        http.setUseInputDirectByteBuffers(false);
        http.setUseOutputDirectByteBuffers(false);
        // Routes take paths as they stand and check every part: what is wrong is refused there, with a reason.
        http.setUriCompliance(UriCompliance.UNSAFE);
        // No check of the host name that the client uses: addresses change, and the client checks the certificate.
        http.addCustomizer(new SecureRequestCustomizer(false));

        // Connections and requests are limited, not threads: one that waits for its body needs a thread by which the
        // body
        // arrives.
        VirtualThreadPool threads = new VirtualThreadPool();
        threads.setMaxConcurrentTasks(0);
        server = new Server(threads);
        connector = new ServerConnector(
                server,
                new SslConnectionFactory(tls, HttpVersion.HTTP_1_1.asString()),
                new HttpConnectionFactory(http));
        connector.setHost(
                address.getAddress() == null
                        ? address.getHostString()
                        : address.getAddress().getHostAddress());
        connector.setPort(address.getPort());
        connector.setIdleTimeout(IDLE_MILLIS);
        // After a restart all agents come at once.
        connector.setAcceptQueueSize(CONNECTIONS_TO_ACCEPT);
        connections = new Connections(limits);
        connector.addBean(connections);
        server.addConnector(connector);
        server.setErrorHandler(new PlainErrors());
        server.setStopTimeout(STOP_MILLIS);
        try {
            connector.open();
        } catch (IOException e) {
            throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    /** Passes requests to a route from now on. */
    public void serve(Route route) {
        server.setHandler(new GracefulHandler(new Exchanges(route, limits, connections, memory)));
        try {
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException("cannot serve on port " + port(), e);
        }
    }

    /** The port that is listened on; the one that the system chose when the address had port 0. */
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        try {
            server.stop();
            connector.close(); // of one that never served
        } catch (Exception e) {
            log.warn("listener did not stop cleanly", e);
        }
    }

    private static SSLContext context(KeyStore keys, boolean clientCertificates) throws IOException {
        try {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keys, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    factory.getKeyManagers(),
                    clientCertificates ? new TrustManager[] {new ClientCertificates.CheckedByRoute()} : null,
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use the server certificate: " + e.getMessage(), e);
        }
    }

    private static HttpError error(int status) {
        if (status == 503) {
            return new HttpError(ErrorCode.BUSY, "the manager has too many requests to answer", "try again in a while");
        }
        if (status >= 500) {
            return new HttpError(ErrorCode.INTERNAL_ERROR, "the manager could not answer", "try again");
        }
        return switch (status) {
            case 408 -> new HttpError(ErrorCode.REQUEST_TIMEOUT, "the request did not come in time", "send it at once");
            case 413 -> new HttpError(ErrorCode.BODY_TOO_LARGE, "the body is too large", "send less");
            case 414 -> new HttpError(ErrorCode.BAD_REQUEST, "the address is too long", "shorten it");
            case 431 ->
                new HttpError(ErrorCode.BAD_REQUEST, "the header fields are too large", "send fewer, or shorter ones");
            default ->
                new HttpError(
                        ErrorCode.BAD_REQUEST,
                        "the server does not understand the request",
                        "send HTTP/1.1 (RFC 9112)");
        };
    }

    /** What Jetty refuses on its own, such as a request that is not HTTP: the same shape as all errors. */
    private static final class PlainErrors implements org.eclipse.jetty.server.Request.Handler {
        @Override
        public boolean handle(org.eclipse.jetty.server.Request request, Response response, Callback callback) {
            int status = response.getStatus();
            if (status == 501 || status == 505) {
                // A version or an encoding of HTTP that nobody has to know: the mistake is the caller's.
                status = 400;
                response.setStatus(status);
            }
            Reply reply = Reply.of(error(status));
            response.getHeaders().put("Content-Type", "application/json");
            SecurityHeaders.addTo(response.getHeaders());
            // Jetty closes the connection after what it could not read: a client that reuses it has to know.
            response.getHeaders().put("Connection", "close");
            try (InputStream body = reply.body()) {
                response.write(true, ByteBuffer.wrap(body.readAllBytes()), callback);
            } catch (IOException e) {
                callback.failed(e);
            }
            return true;
        }
    }
}
