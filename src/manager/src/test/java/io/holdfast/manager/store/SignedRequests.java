package io.holdfast.manager.store;

import io.holdfast.manager.store.Store.SignedRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;

/** Sends signed requests as an agent does: with the JDK's own client, without credentials. */
final class SignedRequests {
    private final SSLContext tls;

    SignedRequests(SSLContext tls) {
        this.tls = tls;
    }

    /** An answer. The ETag and the body are empty when there is none. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Answer(int status, String etag, byte[] body) {}

    Answer put(SignedRequest request, byte[] body) throws IOException {
        return put(request, request.headers(), body);
    }

    Answer put(SignedRequest request, Map<String, String> headers, byte[] body) throws IOException {
        HttpURLConnection connection = connect(request, headers);
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(body.length);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        } catch (IOException e) {
            // A server that refuses early closes its side while we still write; its answer counts.
        }
        return answer(connection);
    }

    /** Sends all of it and goes away without the answer. */
    void putWithoutAnswer(SignedRequest request, byte[] body) throws IOException {
        putCut(request, body, body.length);
    }

    /** Announces all of it, sends so many bytes, and closes the connection. */
    void putCut(SignedRequest request, byte[] body, int sent) throws IOException {
        HttpURLConnection connection = connect(request, request.headers());
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(body.length);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body, 0, sent);
            out.flush();
        } catch (IOException e) {
            if (sent == body.length) {
                throw e;
            }
            // The client complains that less was sent than announced, and closes the connection.
        }
        connection.disconnect();
    }

    Answer get(SignedRequest request, Map<String, String> moreHeaders) throws IOException {
        HttpURLConnection connection = connect(request, request.headers());
        moreHeaders.forEach(connection::setRequestProperty);
        return answer(connection);
    }

    private HttpURLConnection connect(SignedRequest request, Map<String, String> headers) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) request.uri().toURL().openConnection();
        if (connection instanceof HttpsURLConnection https) {
            https.setSSLSocketFactory(tls.getSocketFactory());
        }
        connection.setRequestMethod(request.method());
        connection.setConnectTimeout(10_000);
        connection.setReadTimeout(30_000);
        headers.forEach(connection::setRequestProperty);
        return connection;
    }

    private static Answer answer(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        String etag = connection.getHeaderField("ETag");
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new Answer(status, etag == null ? "" : etag, in == null ? new byte[0] : in.readAllBytes());
        }
    }
}
