package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.postgresql.TableOfContents.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The extensions of one database that the server makes only in a database of a certain name, as {@code pg_cron} is, so only
 * after the cut-over. Until then the rows of their tables are in substitute tables.
 */
final class PostponedExtensions implements AutoCloseable {
    /** Where the rows wait. What is counted of a database is without this schema. */
    static final String SCHEMA = "holdfast_postponed";

    /** What of an extension's own objects an archive has besides their rows. */
    private static final Set<String> ABOUT_MEMBERS = Set.of("ACL", "COMMENT");

    private static final Pattern COLUMN = Pattern.compile("\"(?:[^\"]|\"\")+\"|[^\\s,]+");

    private final Psql psql;
    private final String name;
    private final TableOfContents contents;
    private final List<Entry> extensions = new ArrayList<>();
    private final Set<Long> leftOut = new HashSet<>();
    private final List<Entry> aboutMembers = new ArrayList<>();
    private final List<Entry> tables = new ArrayList<>();
    private final List<Entry> sequences = new ArrayList<>();
    private @Nullable Path list;

    private record Name(String name) {}

    private record Found(boolean missing) {}

    /** @param name the database's name while it is filled */
    PostponedExtensions(Psql psql, String name, TableOfContents contents) {
        this.psql = psql;
        this.name = name;
        this.contents = contents;
    }

    boolean isEmpty() {
        return extensions.isEmpty();
    }

    /** A file for {@code pg_restore --use-list}, with all entries but those that wait; null when none does. */
    @Nullable Path list() {
        return list;
    }

    /**
     * Postpones those extensions among the refused entries that the server has and that are not postponed yet.
     *
     * @return whether there is one: then the database is to be begun again
     */
    boolean postpone(List<Entry> refused) throws IOException, InterruptedException {
        List<Entry> more = new ArrayList<>();
        for (Entry entry : refused) {
            if (entry.description().equals("EXTENSION")
                    && !leftOut.contains(entry.id())
                    && !psql.list(
                                    name,
                                    "SELECT name FROM pg_available_extensions WHERE name = " + Sql.literal(entry.tag()),
                                    Name.class)
                            .isEmpty()) {
                more.add(entry);
            }
        }
        if (more.isEmpty()) {
            return false;
        }
        extensions.addAll(more);
        for (Entry entry : more) {
            leftOut.add(entry.id());
            contents.select(each ->
                            each.description().equals("COMMENT") && each.tag().equals("EXTENSION " + entry.tag()))
                    .forEach(this::waits);
        }
        writeList();
        return true;
    }

    /** Postpones refused entries about the extensions' objects; false when there is another one among them. */
    boolean postponeAboutMembers(List<Entry> refused) throws IOException {
        if (isEmpty() || !refused.stream().allMatch(entry -> ABOUT_MEMBERS.contains(entry.description()))) {
            return false;
        }
        refused.forEach(this::waits);
        writeList();
        return true;
    }

    private void waits(Entry entry) {
        if (leftOut.add(entry.id())) {
            aboutMembers.add(entry);
        }
    }

    private void writeList() throws IOException {
        if (list == null) {
            list = Files.createTempFile(contents.folder(), "list", "");
        }
        try (var out = Files.newBufferedWriter(list)) {
            contents.forEach(entry -> {
                if (!leftOut.contains(entry.id())) {
                    out.write(entry.id() + "\n");
                }
            });
        }
    }

    /** Makes what the rows of the extensions' tables can be loaded into, by anybody: nobody else is in the database. */
    void standIn() throws IOException, InterruptedException {
        tables.clear();
        sequences.clear();
        Set<String> made = new HashSet<>();
        contents.forEach(entry -> {
            if (entry.description().equals("TABLE") || entry.description().equals("SEQUENCE")) {
                made.add(entry.description() + qualified(entry));
            }
        });
        List<Entry> wanted = contents.select(each -> switch (each.description()) {
            case "TABLE DATA" -> !made.contains("TABLE" + qualified(each));
            case "SEQUENCE SET" -> !made.contains("SEQUENCE" + qualified(each));
            default -> false;
        });
        for (Entry entry : missing(wanted)) {
            if (entry.description().equals("TABLE DATA")) {
                tables.add(entry);
                standIn(
                        entry,
                        "TABLE",
                        " ("
                                + columns(entry).stream()
                                        .map(column -> column + " text")
                                        .collect(Collectors.joining(", "))
                                + ")");
            } else {
                sequences.add(entry);
                standIn(entry, "SEQUENCE", "");
            }
        }
    }

    private void standIn(Entry entry, String kind, String rest) throws IOException, InterruptedException {
        String schema = Sql.identifier(String.valueOf(entry.schema()));
        psql.run(
                name,
                "CREATE SCHEMA IF NOT EXISTS %1$s;\nGRANT USAGE ON SCHEMA %1$s TO PUBLIC;\nCREATE %2$s %3$s%4$s;\nGRANT ALL ON %2$s %3$s TO PUBLIC;\n"
                        .formatted(schema, kind, qualified(entry), rest));
    }

    /** Those whose table or sequence is not there. */
    private List<Entry> missing(List<Entry> entries) throws IOException, InterruptedException {
        if (entries.isEmpty()) {
            return List.of();
        }
        String names =
                entries.stream().map(entry -> Sql.literal(qualified(entry))).collect(Collectors.joining(", "));
        List<Found> found = psql.list(
                name,
                "SELECT to_regclass(u.name) IS NULL AS missing FROM unnest(ARRAY[" + names
                        + "]::text[]) WITH ORDINALITY AS u (name, place) ORDER BY u.place",
                Found.class);
        return IntStream.range(0, entries.size())
                .filter(i -> found.get(i).missing())
                .mapToObj(entries::get)
                .toList();
    }

    /** Puts the rows aside, and says what is to be done after the cut-over. */
    List<Deferred> putAside(String database) throws IOException, InterruptedException {
        List<Deferred> later = new ArrayList<>();
        extensions.forEach(entry -> later.add(Deferred.of(database, entry, false)));
        StringBuilder sql = new StringBuilder("CREATE SCHEMA " + SCHEMA + ";\n");
        for (int i = 0; i < tables.size(); i++) {
            Entry entry = tables.get(i);
            String aside = "t" + i;
            sql.append("ALTER TABLE %1$s RENAME TO %2$s;\nALTER TABLE %3$s.%2$s SET SCHEMA %4$s;\n"
                    .formatted(qualified(entry), aside, Sql.identifier(String.valueOf(entry.schema())), SCHEMA));
            later.add(Deferred.ofText(
                    database, "the rows of " + entry.schema() + "." + entry.tag(), fill(entry, SCHEMA + "." + aside)));
        }
        for (Entry entry : sequences) {
            sql.append("DROP SEQUENCE %s;\n".formatted(qualified(entry)));
            later.add(Deferred.of(database, entry, false));
        }
        // Without CASCADE, so one that was there before stays.
        Stream.concat(tables.stream(), sequences.stream())
                .map(entry -> Sql.identifier(String.valueOf(entry.schema())))
                .distinct()
                .forEach(schema -> sql.append(
                        "DO $$ BEGIN DROP SCHEMA %s; EXCEPTION WHEN dependent_objects_still_exist THEN END $$;\n"
                                .formatted(schema)));
        psql.run(name, sql.toString());
        for (Entry entry : aboutMembers) {
            later.add(Deferred.of(database, entry, false));
        }
        later.add(Deferred.ofText(database, "schema " + SCHEMA, "DROP SCHEMA IF EXISTS " + SCHEMA));
        return later;
    }

    /** Replaces what the extension's script has put into its table; its triggers fire, as it may rely on them. */
    private static String fill(Entry entry, String aside) {
        String columns = String.join(", ", columns(entry));
        return """
                DO $rows$
                DECLARE
                    condition text;
                    expressions text;
                BEGIN
                    IF to_regclass(%2$s) IS NULL THEN
                        RETURN;
                    END IF;
                    SET LOCAL session_replication_role = origin;
                    SELECT u.condition INTO condition FROM pg_extension e, unnest(e.extconfig, e.extcondition) AS u (relation, condition)
                        WHERE u.relation = %1$s::regclass;
                    EXECUTE format('DELETE FROM %%s %%s', %1$s, condition);
                    SELECT string_agg(format('%%I::%%s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY s.attnum)
                        INTO expressions FROM pg_attribute a JOIN pg_attribute s ON s.attname = a.attname
                        WHERE a.attrelid = %1$s::regclass AND s.attrelid = %2$s::regclass AND s.attnum > 0;
                    EXECUTE format('INSERT INTO %%s (%%s) OVERRIDING SYSTEM VALUE SELECT %%s FROM %%s', %1$s, %3$s, expressions, %2$s);
                    EXECUTE format('DROP TABLE %%s', %2$s);
                END
                $rows$""".formatted(Sql.literal(qualified(entry)), Sql.literal(aside), Sql.literal(columns));
    }

    /** As the statement that copies them into the table names them, quoted where they have to be. */
    private static List<String> columns(Entry entry) {
        String copy = String.valueOf(entry.copy());
        int begin = copy.indexOf('(', qualifiedLength(copy));
        int end = copy.lastIndexOf(") FROM stdin");
        Matcher matcher = COLUMN.matcher(begin < 0 || end < begin ? "" : copy.substring(begin + 1, end));
        List<String> columns = new ArrayList<>();
        while (matcher.find()) {
            columns.add(matcher.group());
        }
        return columns;
    }

    /** The length of {@code COPY schema.table}: a quoted name may have a bracket in it. */
    private static int qualifiedLength(String copy) {
        boolean quoted = false;
        int at = Math.min("COPY ".length(), copy.length());
        for (; at < copy.length() && (quoted || copy.charAt(at) != ' '); at++) {
            quoted ^= copy.charAt(at) == '"';
        }
        return at;
    }

    private static String qualified(Entry entry) {
        return Sql.identifier(String.valueOf(entry.schema())) + "." + Sql.identifier(entry.tag());
    }

    @Override
    public void close() throws IOException {
        if (list != null) {
            Files.deleteIfExists(list);
        }
    }
}
