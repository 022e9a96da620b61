package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.attempt.JobException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of an archive of {@code pg_dump --format=custom}, up to the first data block: what {@code pg_restore} needs
 * for everything but the data. The layout is told in {@link ArchiveCheck}, which has followed the same archive when it was
 * made. It is in a file, since a database with many definitions has more of it than an agent has memory.
 */
final class TableOfContents implements AutoCloseable {
    /** What an empty database has: pg_restore does nothing for these but where it makes the database itself. */
    private static final Set<String> OF_THE_DATABASE =
            Set.of("ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "DATABASE PROPERTIES");

    private static final String EMPTY_SEARCH_PATH = "SELECT pg_catalog.set_config('search_path', '', false);";

    /** Of the same length. */
    private static final String OWN_SEARCH_PATH =
            "SET search_path TO DEFAULT;" + " ".repeat(EMPTY_SEARCH_PATH.length() - 27);

    /** What an entry that sets something has at most. */
    private static final int LONGEST_SETTING = 4096;

    private final Path folder;
    private final Path file;
    private final Set<Section> sections = EnumSet.noneOf(Section.class);
    private final Set<String> tablespaces = new TreeSet<>();
    private final Set<Long> securityLabels = new HashSet<>();
    private boolean extensions;
    private boolean ofTheDatabaseOnly = true;
    private long searchPathBegin;
    private long searchPathEnd;

    /**
     * An empty one.
     *
     * @param folder for the file, which may hold secrets, as definitions do; private
     */
    TableOfContents(Path folder) throws IOException {
        this.folder = folder;
        this.file = Files.createTempFile(folder, "contents", "");
    }

    /** Which of the three parts of a restore an entry belongs to. */
    enum Section {
        NONE,
        PRE_DATA,
        DATA,
        POST_DATA
    }

    /**
     * One entry.
     *
     * @param id its number in the archive
     * @param description its kind, such as {@code INDEX}
     * @param definition what makes it, as it is in the archive; empty when it was not asked for
     * @param owner the role that it belongs to
     * @param schema where it is
     * @param copy of a table's rows, the statement that loads them
     */
    record Entry(
            long id,
            String description,
            String tag,
            Section section,
            Psql.Statement definition,
            @Nullable String tablespace,
            @Nullable String owner,
            @Nullable String schema,
            @Nullable String copy) {}

    /**
     * Reads it; what follows it in the archive is the stream's next byte.
     *
     * @throws JobException {@code CORRUPT} when the archive has none
     */
    void read(InputStream archive) throws IOException {
        try (OutputStream copy = new BufferedOutputStream(Files.newOutputStream(file))) {
            Copying copying = new Copying(archive, copy);
            AtomicLong begin = new AtomicLong();
            new Reader(copying, _ -> false).read(entry -> {
                add(entry);
                if (entry.description().equals("SEARCHPATH")) {
                    searchPathBegin = begin.get();
                    searchPathEnd = copying.count;
                }
                begin.set(copying.count);
            });
        }
    }

    /**
     * Has what follows made with the database's own search path, where {@code pg_dump} wants an empty one.
     *
     * @return false when it is so already, or the archive says it in another way
     */
    boolean useOwnSearchPath() throws IOException {
        int length = (int) Math.min(searchPathEnd - searchPathBegin, LONGEST_SETTING);
        try (RandomAccessFile contents = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] entry = new byte[length];
            contents.seek(searchPathBegin);
            contents.readFully(entry);
            int at = new String(entry, StandardCharsets.ISO_8859_1).indexOf(EMPTY_SEARCH_PATH);
            if (at < 0) {
                return false;
            }
            contents.seek(searchPathBegin + at);
            contents.write(OWN_SEARCH_PATH.getBytes(StandardCharsets.US_ASCII));
            return true;
        }
    }

    private void add(Entry entry) {
        sections.add(entry.section());
        extensions |= entry.description().equals("EXTENSION");
        if (entry.description().equals("SECURITY LABEL")) {
            securityLabels.add(entry.id());
        }
        ofTheDatabaseOnly &=
                OF_THE_DATABASE.contains(entry.description()) || entry.tag().startsWith("DATABASE ");
        if (entry.tablespace() != null && !entry.tablespace().isEmpty()) {
            tablespaces.add(entry.tablespace());
        }
    }

    boolean has(Section section) {
        return sections.contains(section);
    }

    boolean hasExtensions() {
        return extensions;
    }

    /** Whether there is nothing in it that an empty database does not have. */
    boolean isEmpty() {
        return ofTheDatabaseOnly;
    }

    /** The tablespaces that its entries name. */
    Set<String> tablespaces() {
        return tablespaces;
    }

    /** The security labels that are in it. */
    Set<Long> securityLabels() {
        return securityLabels;
    }

    /** How many bytes of the archive it is. */
    long length() throws IOException {
        return Files.size(file);
    }

    /** All of the archive but its data. */
    InputStream stream() throws IOException {
        return Files.newInputStream(file);
    }

    /** Some of its entries, with their definitions, in the archive's order. */
    List<Entry> entries(Set<Long> ids) throws IOException {
        List<Entry> entries = new ArrayList<>();
        read(ids::contains, entry -> {
            if (ids.contains(entry.id())) {
                entries.add(entry);
            }
        });
        return entries;
    }

    /** The same for those that a condition holds for. */
    List<Entry> select(Predicate<Entry> condition) throws IOException {
        Set<Long> ids = new HashSet<>();
        forEach(entry -> {
            if (condition.test(entry)) {
                ids.add(entry.id());
            }
        });
        return entries(ids);
    }

    /** All entries, without their definitions, in the archive's order. */
    void forEach(Visitor visitor) throws IOException {
        read(_ -> false, visitor);
    }

    interface Visitor {
        void visit(Entry entry) throws IOException;
    }

    private void read(LongPredicate withDefinition, Visitor visitor) throws IOException {
        try (InputStream in = new BufferedInputStream(stream())) {
            new Reader(in, withDefinition).read(visitor);
        }
    }

    /** Where its file is, and what else is kept until the database is filled. */
    Path folder() {
        return folder;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }

    /** Keeps a copy of what is read or skipped. */
    private static final class Copying extends InputStream {
        private final InputStream in;
        private final OutputStream copy;
        private long count;

        Copying(InputStream in, OutputStream copy) {
            this.in = in;
            this.copy = copy;
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            if (b >= 0) {
                copy.write(b);
                count++;
            }
            return b;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = in.read(bytes, offset, length);
            if (n > 0) {
                copy.write(bytes, offset, n);
                count += n;
            }
            return n;
        }
    }

    /** Reads it entry by entry, and keeps of one what was asked for. */
    private static final class Reader {
        private static final int FIXED_BYTES = 11;
        private static final int HEADER_TEXTS = 3;

        private final InputStream archive;
        private final LongPredicate withDefinition;
        private int integerSize = 4;
        private String encoding = "UTF8";

        Reader(InputStream archive, LongPredicate withDefinition) {
            this.archive = archive;
            this.withDefinition = withDefinition;
        }

        void read(Visitor each) throws IOException {
            try {
                byte[] fixed = take(FIXED_BYTES);
                if (!new String(fixed, 0, 5, StandardCharsets.US_ASCII).equals("PGDMP")) {
                    throw JobException.corrupt("an archive of the backup does not begin like one", null);
                }
                int version = fixed[6];
                integerSize = fixed[8];
                int offsetSize = fixed[9];
                take(version >= 15 ? 1 : 1 + integerSize); // the compression
                take(7 * (1 + integerSize)); // the date
                skipTexts(HEADER_TEXTS);
                long count = integer();
                for (long i = 0; i < count; i++) {
                    each.visit(entry(version, offsetSize));
                }
            } catch (EOFException e) {
                throw JobException.corrupt("an archive of the backup is incomplete", e);
            }
        }

        private Entry entry(int version, int offsetSize) throws IOException {
            long id = integer();
            integer(); // whether it has data
            skipTexts(2); // class, OID
            String tag = String.valueOf(text());
            String description = String.valueOf(text());
            Section section = section(integer());
            byte[] definition = null;
            if (description.equals("ENCODING")) {
                // SET client_encoding = 'UTF8';
                encoding = String.valueOf(text()).replaceAll("(?s)^[^']*'|'.*$", "");
            } else if (withDefinition.test(id)) {
                definition = bytes();
            } else {
                skipTexts(1);
            }
            skipTexts(1); // what drops it
            String copy = text();
            String schema = text();
            String tablespace = text();
            skipTexts(1); // access method
            if (version >= 16) {
                integer(); // kind of relation
            }
            String owner = text();
            skipTexts(1); // "false"
            for (long length = integer(); length >= 0; length = integer()) {
                archive.skipNBytes(length); // one that it depends on
            }
            take(1 + offsetSize);
            Psql.Statement statement = new Psql.Statement(
                    "", HexFormat.of().formatHex(definition == null ? new byte[0] : definition), encoding);
            return new Entry(id, description, tag, section, statement, tablespace, owner, schema, copy);
        }

        private static Section section(long number) {
            return switch ((int) number) {
                case 2 -> Section.PRE_DATA;
                case 3 -> Section.DATA;
                case 4 -> Section.POST_DATA;
                default -> Section.NONE;
            };
        }

        private @Nullable String text() throws IOException {
            byte[] bytes = bytes();
            return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
        }

        private byte @Nullable [] bytes() throws IOException {
            long length = integer();
            return length < 0 ? null : take((int) Math.min(length, Integer.MAX_VALUE));
        }

        private void skipTexts(int number) throws IOException {
            for (int i = 0; i < number; i++) {
                archive.skipNBytes(Math.max(0, integer()));
            }
        }

        private long integer() throws IOException {
            byte[] bytes = take(1 + integerSize);
            long value = 0;
            for (int i = integerSize; i > 0; i--) {
                value = (value << 8) | (bytes[i] & 0xff);
            }
            return bytes[0] == 0 ? value : -value;
        }

        private byte[] take(int length) throws IOException {
            byte[] bytes = archive.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException();
            }
            return bytes;
        }
    }
}
