package io.holdfast.agent.adapter.postgresql;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What could not be made before the cut-over, and is tried once again after it. It is in a table of the maintenance
 * database, so that it is known after a crash too; a definition may hold a secret, so it is not in the journal.
 *
 * @param database where
 * @param label what it is, for people
 * @param secret whether its text is not to be shown
 * @param before statements of our own
 * @param sql its bytes, in hexadecimal
 * @param encoding of these
 */
record Deferred(String database, String label, boolean secret, String before, String sql, String encoding) {
    private static final int SHOWN = 240;

    static final String QUERY =
            "SELECT database, label, secret, before, sql, encoding FROM public.deferred ORDER BY position";

    /** Makes an entry of an archive, as pg_restore would, but with the database's own search path. */
    static Deferred of(String database, TableOfContents.Entry entry, boolean withTablespace) {
        Psql.Statement definition = entry.definition();
        String tablespace = entry.tablespace();
        return new Deferred(
                database,
                entry.description() + " " + entry.tag(),
                entry.description().startsWith("SUBSCRIPTION"),
                OWN_PATH
                        + (tablespace == null || tablespace.isEmpty() || !withTablespace
                                ? ""
                                : "SET LOCAL default_tablespace = " + Sql.literal(tablespace) + ";\n"),
                definition.sql(),
                definition.encoding());
    }

    private static final String OWN_PATH = "SET LOCAL search_path TO DEFAULT;\n";

    /** Gives an event trigger its owner. */
    static Deferred owner(String database, TableOfContents.Entry entry) {
        return ofText(
                database,
                "the owner of event trigger " + entry.tag(),
                "ALTER EVENT TRIGGER " + Sql.identifier(entry.tag()) + " OWNER TO "
                        + Sql.identifier(String.valueOf(entry.owner())));
    }

    static Deferred ofText(String database, String label, String sql) {
        return new Deferred(
                database,
                label,
                false,
                OWN_PATH,
                HexFormat.of().formatHex(sql.getBytes(StandardCharsets.UTF_8)),
                "UTF8");
    }

    Psql.Statement statement() {
        return new Psql.Statement(before, sql, encoding);
    }

    /** Puts them where they are found again. */
    static String store(List<Deferred> deferred) {
        StringBuilder statements = new StringBuilder("""
                CREATE TABLE IF NOT EXISTS public.deferred (position serial, database text, label text, secret boolean,
                    before text, sql text, encoding text);
                """);
        for (Deferred each : deferred) {
            statements.append(
                    "INSERT INTO public.deferred (database, label, secret, before, sql, encoding) VALUES (%s, %s, %s, %s, %s, %s);\n"
                            .formatted(
                                    Sql.literal(each.database),
                                    Sql.literal(each.label),
                                    each.secret,
                                    Sql.literal(each.before),
                                    Sql.literal(each.sql),
                                    Sql.literal(each.encoding)));
        }
        return statements.toString();
    }

    /** What to tell people of it; null when it is done, or was before a crash. */
    @Nullable String note(Psql.@Nullable Refused refused) {
        if (refused == null || refused.exists()) {
            return null;
        }
        String text = new String(HexFormat.of().parseHex(sql), StandardCharsets.UTF_8)
                .strip()
                .replaceAll("\\s+", " ");
        return "database " + database + ": " + label + " could not be made: " + refused.message() + " ("
                + refused.state() + ")"
                + (secret
                        ? ""
                        : "; to try again: " + (text.length() <= SHOWN ? text : text.substring(0, SHOWN) + " …"));
    }
}
