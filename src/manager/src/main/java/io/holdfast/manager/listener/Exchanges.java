package io.holdfast.manager.listener;

import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Route;
import io.holdfast.manager.http.Turns;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns Jetty's requests into ours, and our replies into Jetty's, and sees to it that nobody takes more than its share:
 * strangers send small bodies, callers wait for their turn, and who is too slow is not waited for, neither for what it
 * sends nor for what it is sent.
 */
final class Exchanges extends Handler.Abstract {
    private static final Logger log = LoggerFactory.getLogger(Exchanges.class);
    private static final int COPY_BYTES = 32 * 1024;

    /** What is dropped of a body that its route did not read: at once, after the answer, and of whom is known. */
    private static final int DROPPED_AT_ONCE = 4096;

    private static final int DROPPED = 64 * 1024;
    private static final int DROPPED_OF_KNOWN = 32 * 1024 * 1024;
    private final Route route;
    private final Limits limits;
    private final ArrivalLog arrivals = new ArrivalLog();
    private final Connections connections;
    private final BodyMemory memory;
    private final Turns turns;

    Exchanges(Route route, Limits limits, Connections connections, BodyMemory memory) {
        this.route = route;
        this.limits = limits;
        this.connections = connections;
        this.memory = memory;
        this.turns = new Turns(limits.requestsOfOne(), limits.requests(), limits.waiting());
    }

    @Override
    public boolean handle(org.eclipse.jetty.server.Request jetty, Response response, Callback callback) {
        // One that waits for something is not idle, however long it takes: its route knows when to answer.
        jetty.addIdleTimeoutListener(_ -> false);
        try (Exchange exchange = new Exchange(jetty)) {
            try {
                exchange.answer(response);
            } finally {
                exchange.leave();
            }
            exchange.linger();
            callback.succeeded();
        } catch (IOException | UncheckedIOException e) {
            callback.failed(e);
        } catch (RuntimeException e) {
            // The answer has begun: all that is left to tell the caller is that it is not whole.
            log.error(
                    "answer interrupted: {} {}",
                    jetty.getMethod(),
                    jetty.getHttpURI().getPath(),
                    e);
            callback.failed(e);
        }
        return true;
    }

    /** One request with its answer, in a thread of its own. */
    private final class Exchange implements Request.Admission, AutoCloseable {
        private final org.eclipse.jetty.server.Request jetty;
        private final ArrivingBody body;
        private Turns.@Nullable Turn turn;
        private @Nullable String caller;

        Exchange(org.eclipse.jetty.server.Request jetty) {
            this.jetty = jetty;
            this.body = new ArrivingBody(jetty, jetty.getLength(), limits, memory);
        }

        @Override
        public void known(String found) {
            if (found.equals(caller)) {
                return;
            }
            connections.known(jetty.getConnectionMetaData().getConnection(), found);
            leave();
            try {
                turn = turns.take(found);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw stopping();
            }
            caller = found;
            body.known();
            arrivals.arrived(org.eclipse.jetty.server.Request.getRemoteAddr(jetty), found);
        }

        /** Its turn is over. */
        void leave() {
            if (turn != null) {
                turn.close();
                turn = null;
            }
        }

        void answer(Response response) throws IOException {
            Reply reply = reply();
            try (InputStream content = reply.body()) {
                body.drop(DROPPED_AT_ONCE, null);
                if (!body.isWhole()) {
                    response.getHeaders().put("Connection", "close");
                }
                send(reply, content, response);
            }
        }

        /** Hears a little of the rest of what is still sent, or the answer would be lost on its way. */
        void linger() {
            if (caller != null) {
                body.drop(DROPPED_OF_KNOWN, slowest());
            } else {
                body.drop(DROPPED, limits.patience());
            }
        }

        @Override
        public void close() {
            leave();
            body.close();
        }

        private Reply reply() {
            try {
                return route.handle(request());
            } catch (HttpError e) {
                return Reply.of(e, isBrowser());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Reply.of(stopping());
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
        private boolean isBrowser() {
            return jetty.getHeaders().contains("Sec-Fetch-Mode");
        }

        private Request request() {
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
                    clientChain(),
                    this);
        }

        private List<X509Certificate> clientChain() {
            Object session = jetty.getAttribute(EndPoint.SslSessionData.ATTRIBUTE);
            X509Certificate @Nullable [] chain =
                    session instanceof EndPoint.SslSessionData data ? data.peerCertificates() : null;
            return chain == null ? List.of() : List.of(chain);
        }

        private void send(Reply reply, InputStream content, Response response) throws IOException {
            response.setStatus(reply.status());
            reply.headers().forEach(response.getHeaders()::put);
            SecurityHeaders.addTo(response.getHeaders());
            if (reply.status() != 204 && reply.length() >= 0) {
                response.getHeaders().put(new HttpField("Content-Length", Long.toString(reply.length())));
            }
            byte[] buffer = new byte[reply.length() < 0 ? COPY_BYTES : Math.clamp(reply.length(), 1, COPY_BYTES)];
            for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
                write(response, false, ByteBuffer.wrap(buffer, 0, read));
            }
            write(response, true, ByteBuffer.allocate(0));
        }

        /** Whoever does not take its answer is not waited for: the connection is closed. */
        private void write(Response response, boolean last, ByteBuffer bytes) throws IOException {
            Callback.Completable written = new Callback.Completable();
            response.write(last, bytes, written);
            try {
                written.get(slowest().toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                throw new IOException("the answer could not be sent", e.getCause());
            } catch (TimeoutException e) {
                Connections.cut(jetty.getConnectionMetaData().getConnection());
                throw new IOException("the answer is taken too slowly", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("the manager is stopping");
            }
        }
    }

    private Duration slowest() {
        return limits.patience().multipliedBy(3);
    }

    private static HttpError stopping() {
        return new HttpError(ErrorCode.INTERNAL_ERROR, "the manager is stopping", "try again");
    }
}
