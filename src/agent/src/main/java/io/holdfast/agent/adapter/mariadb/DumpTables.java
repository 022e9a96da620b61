package io.holdfast.agent.adapter.mariadb;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The statements of a dump that make and fill tables, for schemas of other names. Tables are not locked for that: nobody else
 * knows them, and a column's default may need a sequence, which would have to be locked too. For one thread.
 */
final class DumpTables extends FilterInputStream {
    /** A date such as 31 February, which a session may write that wants to, would silently become 0000-00-00 in a dump's mode. */
    private static final String ANY_DATE = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',ALLOW_INVALID_DATES');\n";

    private final DumpReader reader;
    private final Map<String, String> names;
    private final SessionSettings settings = new SessionSettings();
    private final TreeMap<Long, String> places = new TreeMap<>();
    private byte[] piece = new byte[0];
    private int position;
    private long lines = 1;
    private @Nullable String schema;

    /** The tables of a dump that is closed with this stream. */
    DumpTables(InputStream dump, Map<String, String> names) {
        super(dump);
        this.reader = new DumpReader(dump);
        this.names = names;
    }

    /** What the statement does that begins in this line of the stream, or before it. */
    String place(long line) {
        Map.Entry<Long, String> place = places.floorEntry(line);
        return place == null ? "the import" : place.getValue();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        while (position == piece.length) {
            DumpReader.@Nullable Piece next = reader.next();
            if (next == null) {
                return -1;
            }
            piece = statement(next).getBytes(StandardCharsets.ISO_8859_1);
            position = 0;
            for (byte each : piece) {
                lines += each == '\n' ? 1 : 0;
            }
        }
        int n = Math.min(length, piece.length - position);
        System.arraycopy(piece, position, bytes, offset, n);
        position += n;
        return n;
    }

    private String statement(DumpReader.Piece next) throws IOException {
        String end = next.last() ? ";\n" : "";
        if (next.rows()) {
            if (next.first()) {
                at(DumpStatement.of(next.text()));
            }
            return next.text() + end;
        }
        DumpStatement statement = DumpStatement.of(next.text());
        return switch (statement.kind()) {
            case SET -> {
                String before = settings.sqlMode();
                settings.follow(statement);
                reader.session(settings.sqlMode());
                yield next.text() + end + (settings.sqlMode().equals(before) ? "" : ANY_DATE);
            }
            case USE -> {
                schema = statement.name();
                yield statement.renamed(names) + end;
            }
            case TABLE, ALTER_TABLE, COMMIT, HISTOGRAM -> {
                at(statement);
                yield statement.renamed(names) + end;
            }
            case DATABASE,
                    ALTER_DATABASE,
                    SEQUENCE,
                    SEQUENCE_VALUE,
                    ROWS,
                    FUNCTION,
                    PROCEDURE,
                    PACKAGE,
                    PACKAGE_BODY,
                    VIEW,
                    TRIGGER,
                    EVENT,
                    LIBRARY,
                    NEEDLESS -> "";
        };
    }

    private void at(DumpStatement statement) {
        String place = statement.place(schema);
        if (places.isEmpty() || !places.lastEntry().getValue().equals(place)) {
            places.put(lines, place);
        }
    }
}
