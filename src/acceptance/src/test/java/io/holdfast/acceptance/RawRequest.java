package io.holdfast.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import javax.net.ssl.SSLSocketFactory;

/** A request written by hand, for paths that no client library would send. */
final class RawRequest {
    private final URI base;
    private final SSLSocketFactory sockets;
    private final String credentials;

    RawRequest(Landscape landscape) {
        this.base = landscape.api().base();
        this.sockets = landscape.certificates().trustingContext().getSocketFactory();
        this.credentials = Base64.getEncoder()
                .encodeToString((Landscape.OPERATOR + ":" + landscape.password()).getBytes(StandardCharsets.UTF_8));
    }

    Api.Answer send(String method, String path, String body) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        String head = method + " " + path + " HTTP/1.1\r\nHost: " + base.getAuthority() + "\r\nAuthorization: Basic "
                + credentials
                + "\r\nContent-Type: application/json\r\nContent-Length: " + content.length
                + "\r\nConnection: close\r\n\r\n";
        try (Socket socket = sockets.createSocket(base.getHost(), base.getPort());
                OutputStream out = socket.getOutputStream();
                InputStream in = socket.getInputStream()) {
            out.write(head.getBytes(StandardCharsets.UTF_8));
            out.write(content);
            out.flush();
            String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            int end = answer.indexOf("\r\n\r\n");
            return end < 0
                    ? new Api.Answer(0, answer)
                    : new Api.Answer(Integer.parseInt(answer.split(" ", 3)[1]), answer.substring(end + 4));
        } catch (IOException e) {
            return new Api.Answer(0, String.valueOf(e));
        }
    }
}
