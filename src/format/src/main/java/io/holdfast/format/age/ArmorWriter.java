package io.holdfast.format.age;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;

/** Writes age's text form: base64 in lines of 64 columns between two marker lines. */
final class ArmorWriter extends OutputStream {
    static final String BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
    static final String END = "-----END AGE ENCRYPTED FILE-----";
    static final int COLUMNS = 64;

    private final OutputStream out;
    private final OutputStream encoder;
    private boolean closed;

    ArmorWriter(OutputStream out) throws IOException {
        this.out = out;
        out.write((BEGIN + "\n").getBytes(US_ASCII));
        OutputStream unclosed = new FilterOutputStream(out) {
            @Override
            public void write(byte[] data, int offset, int length) throws IOException {
                out.write(data, offset, length);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        };
        this.encoder = Base64.getMimeEncoder(COLUMNS, new byte[] {'\n'}).wrap(unclosed);
    }

    @Override
    public void write(int value) throws IOException {
        encoder.write(value);
    }

    @Override
    public void write(byte[] data, int offset, int length) throws IOException {
        encoder.write(data, offset, length);
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (out) {
            encoder.close();
            out.write(("\n" + END + "\n").getBytes(US_ASCII));
        }
    }
}
