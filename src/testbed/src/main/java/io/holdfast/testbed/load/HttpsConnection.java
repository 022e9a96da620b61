package io.holdfast.testbed.load;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;

/**
 * One connection that is kept, over which one request after the other goes: HTTP/1.1 as far as the manager speaks it.
 * Far lighter than a client library's, of which there would be thousands. Not for use by several threads.
 */
public final class HttpsConnection implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 120_000;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final String headers;

    /**
     * Connects to 127.0.0.1.
     *
     * @param headers more header lines for each request, each with its line's end
     */
    public HttpsConnection(SSLContext tls, int port, String headers) throws IOException {
        this.socket = tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        this.in = new BufferedInputStream(socket.getInputStream(), 1024);
        this.out = socket.getOutputStream();
        this.headers = headers;
    }

    /** An answer with its body. */
    public record Answer(int status, String text) {}

    /** Sends a request and waits for the answer. */
    public Answer call(String method, String path, String body) throws IOException {
        return call(method, path, "application/json", body.getBytes(StandardCharsets.UTF_8));
    }

    /** The same with a body of any type. */
    public Answer call(String method, String path, String contentType, byte[] content) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes((method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: " + contentType
                        + "\r\n" + "Content-Length: " + content.length + "\r\n" + headers + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(content);
        out.write(request.toByteArray());
        out.flush();
        int status = Integer.parseInt(line().split(" ", 3)[1]);
        Map<String, String> found = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            found.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new Answer(status, new String(body(found), StandardCharsets.UTF_8));
    }

    private byte[] body(Map<String, String> found) throws IOException {
        if (!found.containsKey("transfer-encoding")) {
            return exactly(Integer.parseInt(found.getOrDefault("content-length", "0")));
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(), 16);
            whole.writeBytes(exactly(size));
            line();
            if (size == 0) {
                return whole.toByteArray();
            }
        }
    }

    private byte[] exactly(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the connection ended in an answer");
        }
        return bytes;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection ended");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // Nobody needs it any more.
        }
    }
}
