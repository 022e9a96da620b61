package io.holdfast.format.age;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads age's text form, strictly: lines of exactly 64 columns but for the last, padded canonical base64, line feeds
 * with or without carriage returns, white space only before the first and after the last line.
 */
final class ArmorReader extends InputStream {
    private static final int MOST_WHITE_SPACE = 1024;

    private final InputStream in;
    private byte[] line = new byte[0];
    private int position;
    private boolean started;
    private boolean shortLineSeen;
    private boolean ended;
    private @Nullable IOException failure;

    private ArmorReader(InputStream in) {
        this.in = in;
    }

    /** The bytes of an age file, whether it comes as text or not. */
    static InputStream unwrap(InputStream in) throws IOException {
        PushbackInputStream peeked = new PushbackInputStream(in, 1);
        int first = peeked.read();
        if (first >= 0) {
            peeked.unread(first);
        }
        return first == '-' || isWhiteSpace(first) ? new ArmorReader(peeked) : peeked;
    }

    @Override
    public int read() throws IOException {
        return fill() ? line[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, line.length - position);
        System.arraycopy(line, position, target, offset, count);
        position += count;
        return count;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private boolean fill() throws IOException {
        if (failure != null) {
            throw failure;
        }
        try {
            while (position == line.length && !ended) {
                nextLine();
            }
        } catch (IOException e) {
            failure = e;
            throw e;
        }
        return position < line.length;
    }

    private void nextLine() throws IOException {
        if (!started) {
            if (!firstLine().equals(ArmorWriter.BEGIN)) {
                throw new AgeException(AgeException.Kind.NOT_AGE, "not an age file, and not the text form of one");
            }
            started = true;
        }
        String text = readLine(new ByteArrayOutputStream());
        position = 0;
        if (text.equals(ArmorWriter.END)) {
            line = new byte[0];
            requireNothingMore();
            ended = true;
            return;
        }
        if (shortLineSeen || text.isEmpty() || text.length() > ArmorWriter.COLUMNS) {
            throw bad("its lines are not of 64 columns");
        }
        shortLineSeen = text.length() < ArmorWriter.COLUMNS;
        line = decode(text);
        shortLineSeen |= line.length < ArmorWriter.COLUMNS / 4 * 3;
    }

    private static byte[] decode(String text) throws AgeException {
        String unpadded = text.replaceFirst("={1,2}$", "");
        if (text.length() % 4 != 0) {
            throw bad("its base64 lacks padding");
        }
        try {
            return CanonicalBase64.decode(unpadded);
        } catch (AgeException e) {
            throw new AgeException(AgeException.Kind.BAD_ARMOR, "the text form is malformed: its base64 is wrong", e);
        }
    }

    private String firstLine() throws IOException {
        for (int skipped = 0; skipped <= MOST_WHITE_SPACE; skipped++) {
            int next = in.read();
            if (!isWhiteSpace(next)) {
                ByteArrayOutputStream start = new ByteArrayOutputStream();
                if (next >= 0) {
                    start.write(next);
                }
                return readLine(start);
            }
        }
        throw bad("too much white space stands before it");
    }

    private String readLine(ByteArrayOutputStream text) throws IOException {
        while (true) {
            int next = in.read();
            if (next < 0) {
                if (text.toString(US_ASCII).equals(ArmorWriter.END)) {
                    return ArmorWriter.END;
                }
                throw new AgeException(AgeException.Kind.TRUNCATED, "the text form ends before its last line");
            }
            if (next == '\n') {
                String line = text.toString(US_ASCII);
                return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            }
            text.write(next);
            if (text.size() > ArmorWriter.COLUMNS + 1) {
                throw bad("it has a line that is too long");
            }
        }
    }

    private void requireNothingMore() throws IOException {
        for (int skipped = 0; skipped <= MOST_WHITE_SPACE; skipped++) {
            int next = in.read();
            if (next < 0) {
                return;
            }
            if (!isWhiteSpace(next)) {
                throw new AgeException(AgeException.Kind.DATA_AFTER_END, "data follows the text form");
            }
        }
        throw bad("too much white space follows it");
    }

    private static boolean isWhiteSpace(int value) {
        return value == ' ' || value == '\t' || value == '\n' || value == '\r';
    }

    private static AgeException bad(String why) {
        return new AgeException(AgeException.Kind.BAD_ARMOR, "the text form is malformed: " + why);
    }
}
