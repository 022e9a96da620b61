package io.holdfast.testbed;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP/1.1 message, as it came.
 *
 * @param lines the first line and the headers
 */
record HttpHead(List<String> lines) {
    /** Reads a head; null when the other side closed instead of sending one. */
    static @Nullable HttpHead read(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) {
                if (lines.isEmpty() && line.isEmpty()) {
                    return null;
                }
                throw new EOFException("half a head");
            }
            if (next != '\n') {
                line.append((char) next);
                continue;
            }
            String text = line.toString().stripTrailing();
            line.setLength(0);
            if (text.isEmpty()) {
                return new HttpHead(lines);
            }
            lines.add(text);
        }
    }

    String firstLine() {
        return lines.getFirst();
    }

    @Nullable String header(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ":";
        for (String line : lines.subList(1, lines.size())) {
            if (line.toLowerCase(Locale.ROOT).startsWith(start)) {
                return line.substring(start.length()).strip();
            }
        }
        return null;
    }

    /** Writes the head for a connection of one message. Expect was answered already, and is left out. */
    void write(OutputStream out) throws IOException {
        StringBuilder text = new StringBuilder(firstLine()).append("\r\n");
        for (String line : lines.subList(1, lines.size())) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (!lower.startsWith("connection:") && !lower.startsWith("expect:") && !lower.startsWith("keep-alive:")) {
                text.append(line).append("\r\n");
            }
        }
        text.append("Connection: close\r\n\r\n");
        out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    }
}
