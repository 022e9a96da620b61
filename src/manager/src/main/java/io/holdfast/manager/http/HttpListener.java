package io.holdfast.manager.http;

import io.holdfast.protocol.tls.PemFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.server.handler.MinimumDataRateHandler;
import org.eclipse.jetty.server.handler.QoSHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One address that speaks HTTPS and passes requests to one {@link Route}. */
public final class HttpListener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpListener.class);
    private static final int IDLE_MILLIS = 60_000;
    private static final int CONNECTIONS_TO_ACCEPT = 4096;
    private static final int STOP_MILLIS = 5_000;
    private static final int INPUT_BYTES = 4096;
    private static final int COPY_BYTES = 64 * 1024;
    /** Slower bodies of strangers are not waited for; agents prove first who they are. */
    private static final int SLOWEST_BYTES_PER_SECOND = 512;

    /** Further requests are told that the manager is busy. */
    private static final int MOST_WAITING_REQUESTS = 4096;

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final long MOST_DRAINED_BYTES = 32L << 20;

    private final Server server;
    private final ServerConnector connector;

    /**
     * Starts to serve.
     *
     * @param clientCertificates whether clients are asked to show a certificate. Showing one proves that they have its
     *     private key; <b>who signed it, and whether it is still valid, the route has to check</b> with
     *     {@link ClientCertificates} before it believes it, so that a refused client is told why
     * @param mostRequests how many requests at once; further ones wait, and are told {@link ErrorCode#BUSY} in the end.
     *     One that waits for something counts too
     * @throws IOException when the certificate cannot be used or the address is taken
     */
    public HttpListener(
            InetSocketAddress address,
            Path certificateFile,
            Path privateKeyFile,
            boolean clientCertificates,
            int mostRequests,
            Route route)
            throws IOException {
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

        // Requests are limited, not threads: one that waits for its body needs a thread by which the body arrives.
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
        connector.addBean(new SmallBuffers());
        server.addConnector(connector);
        Handler adapter = new Adapter(route);
        QoSHandler limited = new QoSHandler(
                clientCertificates ? adapter : new MinimumDataRateHandler(adapter, SLOWEST_BYTES_PER_SECOND, 0));
        limited.setMaxRequestCount(mostRequests);
        limited.setMaxSuspendedRequestCount(MOST_WAITING_REQUESTS);
        limited.setMaxSuspend(LONGEST_WAIT);
        server.setHandler(new GracefulHandler(limited));
        server.setErrorHandler(new PlainErrors());
        server.setStopTimeout(STOP_MILLIS);
        try {
            server.start();
        } catch (IOException e) {
            throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
        } catch (Exception e) {
            throw new IllegalStateException("cannot serve on " + address, e);
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

    /**
     * Gives each connection a small buffer for what it reads: one whose request waits keeps it. Jetty chooses the size of
     * the largest TLS record when the connection is made, so it is changed after that.
     */
    private static final class SmallBuffers implements Connection.Listener {
        @Override
        public void onOpened(Connection connection) {
            if (connection instanceof AbstractConnection opened && !(connection instanceof SslConnection)) {
                opened.setInputBufferSize(INPUT_BYTES);
            }
        }
    }

    /** Turns Jetty's requests into ours, and our replies into Jetty's. */
    private static final class Adapter extends Handler.Abstract {
        private final Route route;

        Adapter(Route route) {
            this.route = route;
        }

        @Override
        public boolean handle(org.eclipse.jetty.server.Request jetty, Response response, Callback callback) {
            AwaitedBody awaited = new AwaitedBody(Content.Source.asInputStream(jetty));
            Reply reply = reply(jetty, awaited);
            try (InputStream body = reply.body()) {
                // Who did not send the body in time is not waited for once more.
                if (awaited.isLate() || !drain(jetty)) {
                    response.getHeaders().put("Connection", "close");
                }
                send(reply, body, response);
                callback.succeeded();
            } catch (IOException | UncheckedIOException e) {
                callback.failed(e);
            } catch (RuntimeException e) {
                // The answer has begun: all that is left to tell the caller is that it is not whole.
                log.error(
                        "answer broken off: {} {}",
                        jetty.getMethod(),
                        jetty.getHttpURI().getPath(),
                        e);
                callback.failed(e);
            }
            return true;
        }

        private Reply reply(org.eclipse.jetty.server.Request jetty, AwaitedBody body) {
            try {
                return route.handle(request(jetty, body));
            } catch (HttpError e) {
                return Reply.of(e, isBrowser(jetty));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Reply.of(new HttpError(ErrorCode.INTERNAL_ERROR, "the manager is stopping", "try again"));
            } catch (Exception e) {
                String id = UUID.randomUUID().toString();
                log.error(
                        "request failed, id {}: {} {}",
                        id,
                        jetty.getMethod(),
                        jetty.getHttpURI().getPath(),
                        e);
                return Reply.of(new HttpError(
                        ErrorCode.INTERNAL_ERROR,
                        "something went wrong in the manager, id " + id,
                        "look for the id in the manager's log"));
            }
        }

        /** Browsers say for what they want the answer (Fetch Metadata), other clients do not. */
        private static boolean isBrowser(org.eclipse.jetty.server.Request jetty) {
            return jetty.getHeaders().contains("Sec-Fetch-Mode");
        }

        private static Request request(org.eclipse.jetty.server.Request jetty, AwaitedBody body) {
            String path = jetty.getHttpURI().getPath();
            String query = jetty.getHttpURI().getQuery();
            if (path == null || !path.startsWith("/")) {
                throw new HttpError(ErrorCode.BAD_REQUEST, "the path does not begin with a slash");
            }
            return new Request(
                    jetty.getMethod(),
                    path,
                    query == null ? "" : query,
                    Map.of(),
                    name -> jetty.getHeaders().get(name),
                    body,
                    org.eclipse.jetty.server.Request.getRemoteAddr(jetty),
                    clientChain(jetty));
        }

        private static List<X509Certificate> clientChain(org.eclipse.jetty.server.Request jetty) {
            Object session = jetty.getAttribute(EndPoint.SslSessionData.ATTRIBUTE);
            X509Certificate @Nullable [] chain =
                    session instanceof EndPoint.SslSessionData data ? data.peerCertificates() : null;
            return chain == null ? List.of() : List.of(chain);
        }

        /**
         * Reads what the route left of the body: a client that first sends everything would not see the answer else. False
         * when the rest does not come.
         */
        private static boolean drain(org.eclipse.jetty.server.Request jetty) {
            // Not closed: that would be a failure of the request if more followed.
            try {
                Content.Source.asInputStream(jetty).skip(MOST_DRAINED_BYTES);
                return true;
            } catch (IOException e) {
                return false;
            }
        }

        private static void send(Reply reply, InputStream body, Response response) throws IOException {
            response.setStatus(reply.status());
            reply.headers().forEach(response.getHeaders()::put);
            SecurityHeaders.addTo(response.getHeaders());
            if (reply.status() != 204 && reply.length() >= 0) {
                response.getHeaders().put(new HttpField("Content-Length", Long.toString(reply.length())));
            }
            byte[] buffer = new byte[reply.length() < 0 ? COPY_BYTES : Math.clamp(reply.length(), 1, COPY_BYTES)];
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                Content.Sink.write(response, false, ByteBuffer.wrap(buffer, 0, read));
            }
            Content.Sink.write(response, true, ByteBuffer.allocate(0));
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
                        "the request is not one that this server understands",
                        "send HTTP/1.1 as RFC 9112 has it");
        };
    }

    /** What Jetty refuses by itself, such as a request that is not HTTP: the same shape as all errors. */
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
