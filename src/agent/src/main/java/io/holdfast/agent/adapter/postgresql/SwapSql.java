package io.holdfast.agent.adapter.postgresql;

import java.time.Instant;
import java.util.List;
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
    /** Takes back what statements that only add would leave: settings, passwords, memberships, comments. */
    private static final String APPLY = """
            DO $holdfast$
            DECLARE
                line record;
                by_whom text := '';
            BEGIN
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
                FOR line IN SELECT statement FROM public.%1$s ORDER BY position LOOP
                    EXECUTE line.statement;
                END LOOP;
            END
            $holdfast$;
            """;

    private SwapSql() {}

    /** Puts globals into one of the two tables. */
    static String store(String table, List<String> roles, List<String> statements) {
        StringBuilder sql = new StringBuilder("""
                CREATE TABLE IF NOT EXISTS public.%1$s_roles (name text);
                CREATE TABLE IF NOT EXISTS public.%1$s (position int, statement text);
                TRUNCATE public.%1$s_roles, public.%1$s;
                """.formatted(table));
        for (String role : roles) {
            sql.append("INSERT INTO public.%s_roles VALUES (%s);\n".formatted(table, Sql.literal(role)));
        }
        for (int i = 0; i < statements.size(); i++) {
            sql.append("INSERT INTO public.%s VALUES (%d, %s);\n".formatted(table, i, Sql.literal(statements.get(i))));
        }
        return sql.toString();
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

    /** The new databases get the live names, the globals become those of the backup. */
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
            sql.append(rename(database.stagedName(), database.properties().name()))
                    .append(database.properties().open());
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
