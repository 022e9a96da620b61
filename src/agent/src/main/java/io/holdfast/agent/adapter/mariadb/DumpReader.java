package io.holdfast.agent.adapter.mariadb;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the statements of a dump as the client would: up to the delimiter, which the dump itself changes, but for what is
 * within quotes and comments. Bytes are given as characters of ISO 8859-1, because a dump has definitions in the character
 * sets in which they were made. Rows may be as long as the server allows, so they come in pieces. For one thread.
 */
final class DumpReader {
    private static final int PIECE = 64 * 1024;
    private static final int BUFFER = 256 * 1024;
    private static final String DELIMITER = "delimiter ";

    /** A command of the client, see {@link MariadbProduct#session}, within what is a comment for the server. */
    private static final String SANDBOX = "!999999\\-";

    private static final int NONE = 0;
    private static final int LINE_COMMENT = 1;
    private static final int COMMENT = 2;
    private static final int DOLLARS = 3;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;

    private byte[] text = new byte[2 * PIECE];
    private int length;
    private String delimiter = ";";

    /** A quote's character, a kind of comment, or {@link #NONE}. */
    private int within = NONE;

    /** What ends {@link #DOLLARS}. */
    private String mark = "";

    private boolean rows;
    private boolean backslashes = true;
    private boolean ansiQuotes;

    DumpReader(InputStream in) {
        this.in = in;
    }

    /**
     * A statement, or for rows a piece of one.
     *
     * @param text without the delimiter
     * @param first whether it begins here
     * @param last whether it ends here
     */
    record Piece(String text, boolean rows, boolean first, boolean last) {}

    /** How strings of the statements to come are written. */
    void session(String sqlMode) {
        String mode = sqlMode.toUpperCase(Locale.ROOT);
        backslashes = !mode.contains("NO_BACKSLASH_ESCAPES");
        ansiQuotes = mode.contains("ANSI_QUOTES");
    }

    /** The next one; null at the dump's end. */
    @Nullable Piece next() throws IOException {
        boolean first = !rows;
        boolean inPieces = rows;
        boolean looked = false;
        length = 0;
        while (true) {
            int c = read();
            if (c < 0) {
                return length == 0 ? null : piece(first, true, length);
            }
            if (first && length == 0 && within == NONE && (c <= ' ' || changesDelimiter(c))) {
                continue;
            }
            append(c);
            if (!skipped(c) && ends(c)) {
                return piece(first, true, length - delimiter.length());
            }
            if (length >= PIECE && !looked) {
                looked = true;
                inPieces |= DumpStatement.beginsRows(start());
            }
            if (length >= PIECE && inPieces) {
                return piece(first, false, length);
            }
        }
    }

    private Piece piece(boolean first, boolean last, int bytes) {
        boolean ofRows = rows || DumpStatement.beginsRows(start());
        rows = ofRows && !last;
        return new Piece(new String(text, 0, bytes, StandardCharsets.ISO_8859_1), ofRows, first, last);
    }

    /** Follows quotes and comments; whether the byte is within one, or part of its marks. */
    private boolean skipped(int c) throws IOException {
        switch (within) {
            case NONE -> {
                return begins(c);
            }
            case LINE_COMMENT -> within = c == '\n' ? NONE : within;
            case COMMENT -> {
                if (c == '*' && peek() == '/') {
                    append(read());
                    within = NONE;
                }
            }
            case DOLLARS -> {
                int end = mark.length();
                if (c == '$' && new String(text, length - end, end, StandardCharsets.ISO_8859_1).equals(mark)) {
                    within = NONE;
                }
            }
            default -> {
                if (c == '\\' && escapes()) {
                    append(read());
                } else if (c == within) {
                    within = NONE; // a doubled one begins the next quote at once
                }
            }
        }
        return true;
    }

    private boolean begins(int c) throws IOException {
        switch (c) {
            case '\'', '"', '`' -> within = c;
            case '#' -> within = LINE_COMMENT;
            case '$' -> {
                int begin = length - 1;
                if (!DollarQuote.mayFollow(new String(text, 0, begin, StandardCharsets.ISO_8859_1))) {
                    return false;
                }
                while (DollarQuote.ofMark(peek())) {
                    append(read());
                }
                if (peek() != '$') {
                    return false;
                }
                append(read());
                mark = new String(text, begin, length - begin, StandardCharsets.ISO_8859_1);
                within = DOLLARS;
            }
            case '-' -> {
                if (peek() != '-') {
                    return false;
                }
                append(read());
                if (peek() <= ' ') {
                    within = LINE_COMMENT;
                }
            }
            case '/' -> {
                if (peek() != '*') {
                    return false;
                }
                append(read());
                if (peek() == 'M') { // what follows is MariaDB's only, if an exclamation mark comes next
                    append(read());
                }
                within = peek() == '!' && !lookingAt(SANDBOX) ? NONE : COMMENT;
            }
            default -> {
                return false;
            }
        }
        if (within == LINE_COMMENT || within == COMMENT) {
            dropLeadingComment();
        }
        return true;
    }

    /** A comment before a statement belongs to none. */
    private void dropLeadingComment() throws IOException {
        String begun = start();
        if (rows || !(begun.equals("--") || begun.equals("#") || begun.equals("/*") || begun.equals("/*M"))) {
            return;
        }
        int before = 0;
        for (int c = read(); c >= 0; c = read()) {
            if (within == LINE_COMMENT ? c == '\n' : before == '*' && c == '/') {
                break;
            }
            before = c;
        }
        within = NONE;
        length = 0;
    }

    private boolean escapes() {
        return within != '`' && backslashes && !(within == '"' && ansiQuotes);
    }

    private boolean ends(int c) {
        int end = delimiter.length();
        if (c != delimiter.charAt(end - 1) || length < end) {
            return false;
        }
        return end == 1 || new String(text, length - end, end, StandardCharsets.ISO_8859_1).equals(delimiter);
    }

    /** At a statement's beginning: reads a command of the client that changes the delimiter. */
    private boolean changesDelimiter(int c) throws IOException {
        if (Character.toLowerCase(c) != 'd' || !lookingAt(DELIMITER.substring(1))) {
            return false;
        }
        StringBuilder line = new StringBuilder();
        for (int each = read(); each >= 0 && each != '\n'; each = read()) {
            line.append((char) each);
        }
        delimiter = line.substring(DELIMITER.length() - 1).strip();
        if (delimiter.isEmpty()) {
            throw new IOException("the dump has an empty delimiter");
        }
        return true;
    }

    private boolean lookingAt(String word) throws IOException {
        if (limit - position < word.length()) {
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            limit -= position;
            position = 0;
            int n = in.readNBytes(buffer, limit, BUFFER - limit);
            limit += n;
        }
        return limit - position >= word.length()
                && new String(buffer, position, word.length(), StandardCharsets.ISO_8859_1)
                        .toLowerCase(Locale.ROOT)
                        .equals(word);
    }

    private String start() {
        return new String(text, 0, Math.min(length, 32), StandardCharsets.ISO_8859_1);
    }

    private void append(int c) {
        if (c >= 0) {
            if (length == text.length) {
                text = Arrays.copyOf(text, length * 2);
            }
            text[length++] = (byte) c;
        }
    }

    private int peek() throws IOException {
        if (position == limit && !fill()) {
            return -1;
        }
        return buffer[position] & 0xff;
    }

    private int read() throws IOException {
        if (position == limit && !fill()) {
            return -1;
        }
        return buffer[position++] & 0xff;
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(0, in.read(buffer));
        return limit > 0;
    }
}
