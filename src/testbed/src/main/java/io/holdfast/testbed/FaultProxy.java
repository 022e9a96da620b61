package io.holdfast.testbed;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;

/**
 * Stands before an S3 server and fails on demand. Clients use its address as the store's; signatures stay good, since
 * the Host header is passed on as it came. It speaks TLS on both sides and serves one request a connection.
 *
 * <p>Any thread may add faults while requests run.
 */
public final class FaultProxy implements AutoCloseable {
    private final URI upstream;
    private final SSLContext upstreamTls;
    private final SSLServerSocket listener;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Planned> plan = new CopyOnWriteArrayList<>();
    private final List<String> seen = new CopyOnWriteArrayList<>();

    private FaultProxy(URI upstream, Certificates certificates) throws IOException {
        this.upstream = upstream;
        this.upstreamTls = certificates.trustingContext();
        this.listener = (SSLServerSocket) certificates
                .serverContext("fault-proxy")
                .getServerSocketFactory()
                .createServerSocket(0, 100, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    /**
     * Starts a proxy.
     *
     * @param upstream the real server, over TLS, with a certificate of the same authority
     */
    public static FaultProxy start(URI upstream, Certificates certificates) throws IOException {
        return new FaultProxy(upstream, certificates);
    }

    /**
     * A request as the client sent it.
     *
     * @param target path and query, as sent
     */
    public record Request(String method, String target) {
        /** One of {@code PUT} with a part number: an agent's upload. */
        public boolean isPart() {
            return method.equals("PUT") && target.contains("partNumber=");
        }

        /** Completing an upload. */
        public boolean isComplete() {
            return method.equals("POST") && target.contains("uploadId=");
        }

        /** Giving an upload up. */
        public boolean isAbort() {
            return method.equals("DELETE") && target.contains("uploadId=");
        }

        /** Listing objects. */
        public boolean isList() {
            return method.equals("GET") && target.contains("list-type=2");
        }

        /** Reading an object. */
        public boolean isRead() {
            return method.equals("GET") && !target.contains("list-type=2") && !target.contains("uploads");
        }
    }

    /** Where clients find the store now. */
    public URI endpoint() {
        return URI.create("https://127.0.0.1:" + listener.getLocalPort());
    }

    /** Does something to the next so many requests of a kind. Faults added first come first, one for a request. */
    public void inject(Predicate<Request> requests, Fault fault, int times) {
        plan.add(new Planned(requests, fault, new AtomicInteger(times)));
    }

    /** How many planned faults have not happened yet. */
    public int pending() {
        return plan.stream().mapToInt(planned -> planned.left().get()).sum();
    }

    /** All requests so far: method and target without the query's values. */
    public List<String> seen() {
        return List.copyOf(seen);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
        threads.close();
    }

    private record Planned(Predicate<Request> requests, Fault fault, AtomicInteger left) {
        boolean takes(Request request) {
            return requests.test(request) && left.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                // A client that gave up during its handshake, or the end of the proxy.
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                InputStream in = new BufferedInputStream(client.getInputStream());
                OutputStream out = client.getOutputStream()) {
            HttpHead head = HttpHead.read(in);
            if (head == null) {
                return;
            }
            String[] line = head.firstLine().split(" ", 3);
            Request request = new Request(line[0], line[1]);
            seen.add(request.method() + " " + request.target().replaceAll("=[^&]*", ""));
            if ("100-continue".equalsIgnoreCase(head.header("Expect"))) {
                out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
            long length = head.header("Content-Length") == null ? 0 : Long.parseLong(head.header("Content-Length"));
            answer(request, head, new LimitedStream(in, length), out);
        } catch (IOException | InterruptedException e) {
            // One side went away: closing both is all that a proxy can do.
        }
    }

    private @Nullable Fault faultFor(Request request) {
        for (Planned planned : plan) {
            if (planned.takes(request)) {
                return planned.fault();
            }
        }
        return null;
    }

    private void answer(Request request, HttpHead head, InputStream body, OutputStream out)
            throws IOException, InterruptedException {
        switch (faultFor(request)) {
            case null -> pass(head, body, out, Long.MAX_VALUE);
            case Fault.Busy() -> refuse(body, out, "503 Slow Down", "SlowDown");
            case Fault.ErrorInside200() -> refuse(body, out, "200 OK", "InternalError");
            case Fault.CutsRequest(long afterBytes) -> {
                try (Socket server = connect();
                        OutputStream toServer = server.getOutputStream()) {
                    head.write(toServer);
                    toServer.write(body.readNBytes(Math.toIntExact(afterBytes)));
                    toServer.flush();
                }
            }
            case Fault.CutsAnswer(long afterBytes) -> pass(head, body, out, afterBytes);
            case Fault.LosesAnswer() -> fetch(head, body);
            case Fault.WrongEtag() -> {
                byte[] answer = fetch(head, body);
                out.write(replaced(answer, "(?i)\r\nETag: [^\r]*", "\r\nETag: \"00000000000000000000000000000000\""));
            }
            case Fault.DropsFurtherPages() -> {
                byte[] answer = fetch(head, body);
                // Both names have one length, so that Content-Length stays right.
                // The length stays the same: one letter more here, one less in the prolog.
                byte[] shorter = replaced(answer, "encoding=([\"'])UTF-8", "encoding=$1utf8");
                out.write(replaced(shorter, "<IsTruncated>true<", "<IsTruncated>false<"));
            }
            case Fault.Afterwards(Runnable action) -> {
                byte[] answer = fetch(head, body);
                action.run();
                out.write(answer);
            }
            case Fault.Slow(var delay) -> {
                Thread.sleep(delay);
                pass(head, body, out, Long.MAX_VALUE);
            }
        }
        out.flush();
    }

    private void pass(HttpHead head, InputStream body, OutputStream out, long bodyBytes) throws IOException {
        try (Socket server = connect();
                InputStream answer = new BufferedInputStream(server.getInputStream())) {
            send(server, head, body);
            HttpHead answerHead = HttpHead.read(answer);
            if (answerHead != null) {
                answerHead.write(out);
                new LimitedStream(answer, bodyBytes).transferTo(out);
            }
        }
    }

    /** The whole answer, head and body. */
    private byte[] fetch(HttpHead head, InputStream body) throws IOException {
        try (Socket server = connect();
                InputStream answer = server.getInputStream()) {
            send(server, head, body);
            return answer.readAllBytes();
        }
    }

    private Socket connect() throws IOException {
        return upstreamTls.getSocketFactory().createSocket(upstream.getHost(), upstream.getPort());
    }

    private static void send(Socket server, HttpHead head, InputStream body) throws IOException {
        OutputStream toServer = server.getOutputStream();
        head.write(toServer);
        body.transferTo(toServer);
        toServer.flush();
    }

    private static void refuse(InputStream body, OutputStream out, String status, String code) throws IOException {
        // Read first: closing on unread bytes would reset the connection before the answer is read.
        body.transferTo(OutputStream.nullOutputStream());
        byte[] content = """
                <?xml version="1.0" encoding="UTF-8"?>
                <Error><Code>%s</Code><Message>a fault of the test</Message><RequestId>0</RequestId></Error>
                """.formatted(code).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.writeBytes(("HTTP/1.1 " + status + "\r\nContent-Type: application/xml\r\nConnection: close\r\n"
                        + "Content-Length: " + content.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        answer.writeBytes(content);
        answer.writeTo(out);
    }

    private static byte[] replaced(byte[] answer, String pattern, String replacement) {
        String text = new String(answer, StandardCharsets.ISO_8859_1);
        return text.replaceFirst(pattern, replacement).getBytes(StandardCharsets.ISO_8859_1);
    }
}
