package io.holdfast.agent.adapter.postgresql;

import java.time.Instant;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * The SQL of the swap and of its reverse. Both run in the maintenance database, which is none of those that change names,
 * and each is one transaction: {@code ALTER DATABASE … RENAME} and all changes of roles take part in it, so that other
 * sessions see all of it or nothing.
 *
 * <p>The maintenance database has two tables, {@code new_globals} and {@code old_globals}: role names, and statements to
 * be run as they stand. They are run by the server, never by {@code psql}, which would look for its own commands in
 * them.
 */
final class SwapSql {
    /**
     * Takes back what statements that only add would leave: settings, passwords, memberships, comments, labels, rights to set
     * parameters. A label stays when who gave it is not loaded.
     */
    private static final String TAKE_BACK = """
                IF current_setting('server_version_num')::int >= 160000 THEN
                    by_whom := ' GRANTED BY %%s CASCADE';
                END IF;
                FOR line IN SELECT r.rolname, r.rolvaliduntil FROM public.%1$s_roles n JOIN pg_roles r ON r.rolname = n.name LOOP
                    EXECUTE format('ALTER ROLE %%I RESET ALL', line.rolname);
                    IF line.rolname <> current_user THEN
                        EXECUTE format('ALTER ROLE %%I PASSWORD NULL CONNECTION LIMIT -1', line.rolname);
                        IF line.rolvaliduntil IS NOT NULL THEN
                            EXECUTE format('ALTER ROLE %%I VALID UNTIL ''infinity''', line.rolname);
                        END IF;
                    END IF;
                    EXECUTE format('COMMENT ON ROLE %%I IS NULL', line.rolname);
                END LOOP;
                FOR line IN
                    SELECT m.roleid::regrole AS granted, m.member::regrole AS member, m.grantor::regrole AS grantor
                    FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
                    WHERE r.rolname IN (SELECT name FROM public.%1$s_roles)
                        AND (g.rolname IN (SELECT name FROM public.%1$s_roles) OR g.rolname ~ '^pg_')
                LOOP
                    EXECUTE format('REVOKE %%s FROM %%s', line.granted, line.member)
                        || format(by_whom, line.grantor);
                END LOOP;
                FOR line IN
                    SELECT l.provider, r.rolname FROM pg_shseclabel l JOIN pg_roles r ON r.oid = l.objoid
                    WHERE l.classoid = 'pg_authid'::regclass AND r.rolname IN (SELECT name FROM public.%1$s_roles)
                LOOP
                    BEGIN
                        EXECUTE format('SECURITY LABEL FOR %%I ON ROLE %%I IS NULL', line.provider, line.rolname);
                    EXCEPTION WHEN invalid_parameter_value THEN
                        NULL;
                    END;
                END LOOP;
                IF current_setting('server_version_num')::int >= 150000 THEN
                    FOR line IN
                        SELECT p.parname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee
                        FROM pg_parameter_acl p, aclexplode(p.paracl) a
                        WHERE a.grantee = 0 OR a.grantee <> a.grantor AND a.grantee::regrole::text IN
                            (SELECT quote_ident(name) FROM public.%1$s_roles)
                    LOOP
                        EXECUTE format('REVOKE ALL ON PARAMETER %%I FROM %%s CASCADE', line.parname, line.grantee);
                    END LOOP;
                END IF;
            """;

    private static final String APPLY = """
            DO $holdfast$
            DECLARE
                line record;
                by_whom text := '';
            BEGIN
            """ + TAKE_BACK + """
                FOR line IN SELECT statement FROM public.%1$s ORDER BY position LOOP
                    EXECUTE line.statement;
                END LOOP;
            END
            $holdfast$;
            """;

    private static final int ROWS = 200;

    private SwapSql() {}

    /**
     * Tries the globals, and takes all of it back. What is refused at first comes after all others, then without who has
     * granted it, and is left out if that is refused too; the tables are left as the swap can use them. Notes go to a table.
     */
    static String tried(String table) {
        return ("""
            CREATE TABLE IF NOT EXISTS public.notes (note text);
            DO $holdfast$
            DECLARE
                line record;
                by_whom text := '';
                at int;
                without text;
                later int[] := '{}';
                reworded int[] := '{}';
                words text[] := '{}';
                refused int[] := '{}';
                reasons text[] := '{}';
            BEGIN
                BEGIN
            """ + TAKE_BACK + """
                    FOR line IN SELECT position, statement FROM public.%1$s ORDER BY position LOOP
                        BEGIN
                            EXECUTE line.statement;
                        EXCEPTION WHEN OTHERS THEN
                            later := later || line.position;
                        END;
                    END LOOP;
                    FOREACH at IN ARRAY later LOOP
                        SELECT statement INTO line FROM public.%1$s WHERE position = at;
                        BEGIN
                            EXECUTE line.statement;
                        EXCEPTION WHEN OTHERS THEN
                            without := regexp_replace(line.statement, ' GRANTED BY ("([^"]|"")+"|[^ ";]+)$', '');
                            BEGIN
                                EXECUTE without;
                                reworded := reworded || at;
                                words := words || without;
                            EXCEPTION WHEN OTHERS THEN
                                refused := refused || at;
                                reasons := reasons || (SQLERRM || ' (' || SQLSTATE || ')');
                            END;
                        END;
                    END LOOP;
                    RAISE EXCEPTION 'tried' USING ERRCODE = 'HF001';
                EXCEPTION WHEN SQLSTATE 'HF001' THEN
                    NULL;
                END;
                IF refused <> '{}' THEN
                    -- Not the whole of it: there may be a password in it.
                    INSERT INTO public.notes SELECT format('left out: %%s: %%s', CASE WHEN statement ~ '^GRANT' THEN statement
                            ELSE regexp_replace(statement, '( WITH | TO | = | IS | SET ).*', '') || ' …' END, reason)
                        FROM unnest(refused, reasons) r (at, reason) JOIN public.%1$s ON position = r.at;
                    DELETE FROM public.%1$s WHERE position = ANY (refused);
                END IF;
                IF reworded <> '{}' THEN
                    INSERT INTO public.notes SELECT 'granted by the agent''s user or the server''s first one, because who'
                            || ' had granted it may not: ' || string_agg(word, '; ') FROM unnest(words) word;
                    UPDATE public.%1$s SET statement = r.word
                        FROM unnest(reworded, words) r (at, word) WHERE position = r.at;
                END IF;
                UPDATE public.%1$s SET position = position + 100000000 WHERE position = ANY (later);
            END
            $holdfast$;
            """).formatted(table);
    }

    /** Drops what interrupted {@code DROP DATABASE}s have left of databases that come back. */
    static String clear(List<String> invalid) {
        return invalid.stream()
                .map(name -> "DROP DATABASE " + Sql.identifier(name) + ";\n")
                .collect(Collectors.joining());
    }

    /** Opens the restored databases to everybody, as they were. */
    static String open(List<SwapState.Database> databases) {
        return databases.stream().map(database -> database.properties().open()).collect(Collectors.joining());
    }

    /** Puts globals into one of the two tables. */
    static String store(String table, List<String> roles, List<String> statements) {
        StringBuilder sql = new StringBuilder("""
                CREATE TABLE IF NOT EXISTS public.%1$s_roles (name text);
                CREATE TABLE IF NOT EXISTS public.%1$s (position int, statement text);
                TRUNCATE public.%1$s_roles, public.%1$s;
                """.formatted(table));
        List<String> names = roles.stream().map(Sql::literal).toList();
        insert(sql, table + "_roles", names.size(), i -> names.get(i));
        insert(sql, table, statements.size(), i -> i + ", " + Sql.literal(statements.get(i)));
        return sql.toString();
    }

    /** In statements of many rows each, as a server may have thousands of roles. */
    private static void insert(StringBuilder sql, String table, int rows, IntFunction<String> row) {
        for (int i = 0; i < rows; i++) {
            sql.append(i % ROWS == 0 ? "INSERT INTO public." + table + " VALUES (" : ", (")
                    .append(row.apply(i))
                    .append((i + 1) % ROWS == 0 || i + 1 == rows ? ");\n" : ")");
        }
    }

    /** Nobody can connect to the live databases any more; sessions that are open stay. */
    static String block(List<SwapState.Database> databases) {
        return databases.stream()
                .map(SwapState.Database::live)
                .filter(live -> live != null)
                .map(live -> "ALTER DATABASE " + Sql.identifier(live.name()) + " WITH ALLOW_CONNECTIONS false;\n")
                .collect(Collectors.joining());
    }

    /** The same for the restored databases, before they lose the live names again. */
    static String blockRestored(List<SwapState.Database> databases) {
        return databases.stream()
                .map(database -> "ALTER DATABASE "
                        + Sql.identifier(database.properties().name()) + " WITH ALLOW_CONNECTIONS false;\n")
                .collect(Collectors.joining());
    }

    /** Ends all sessions in these databases, and waits until they are gone. */
    static String terminate(List<SwapState.Database> databases) {
        String oids = databases.stream()
                .map(database -> database.live() == null
                        ? Long.toString(database.stagedOid())
                        : database.stagedOid() + ", " + database.live().oid())
                .collect(Collectors.joining(", "));
        return """
                DO $holdfast$
                BEGIN
                    FOR i IN 1..300 LOOP
                        PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datid IN (%1$s);
                        PERFORM pg_stat_clear_snapshot();
                        EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datid IN (%1$s));
                        PERFORM pg_sleep(0.1);
                    END LOOP;
                END
                $holdfast$;
                """.formatted(oids);
    }

    /**
     * Ends statements that still make a restore's databases, and waits until they are gone: a server goes on with one whose
     * client was ended.
     */
    static String endMaking(long restoreId) {
        return """
                DO $holdfast$
                BEGIN
                    FOR i IN 1..300 LOOP
                        PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE pid <> pg_backend_pid() AND state = 'active' AND query ~ 'holdfast_(new|maintenance)_%1$d[_"]';
                        EXIT WHEN NOT FOUND;
                        PERFORM pg_sleep(0.1);
                        PERFORM pg_stat_clear_snapshot();
                    END LOOP;
                END
                $holdfast$;
                """.formatted(restoreId);
    }

    /** The new databases get the live names, and stay closed to all but superusers; the globals become those of the backup. */
    static String swap(List<SwapState.Database> databases, Instant keptUntil) {
        StringBuilder sql = new StringBuilder("BEGIN;\n").append(APPLY.formatted("new_globals"));
        for (SwapState.Database database : databases) {
            SwapState.Live live = database.live();
            String kept = database.keptName();
            if (live != null && kept != null) {
                sql.append(rename(live.name(), kept))
                        .append("ALTER DATABASE " + Sql.identifier(kept) + " WITH IS_TEMPLATE false;\n")
                        .append("COMMENT ON DATABASE " + Sql.identifier(kept) + " IS "
                                + Sql.literal(KeptDatabases.comment(keptUntil)) + ";\n");
            }
            sql.append(rename(database.stagedName(), database.properties().name()));
        }
        return sql.append("COMMIT;\n").toString();
    }

    /** All names and globals as they were before the swap. */
    static String reverse(List<SwapState.Database> databases) {
        StringBuilder sql = new StringBuilder("BEGIN;\n").append(APPLY.formatted("old_globals"));
        for (SwapState.Database database : databases) {
            SwapState.Live live = database.live();
            String kept = database.keptName();
            sql.append(rename(database.properties().name(), database.stagedName()));
            if (live != null && kept != null) {
                sql.append(rename(kept, live.name())).append(live.reopen());
            }
        }
        return sql.append("COMMIT;\n").toString();
    }

    private static String rename(String from, String to) {
        return "ALTER DATABASE " + Sql.identifier(from) + " RENAME TO " + Sql.identifier(to) + ";\n";
    }
}
