package io.holdfast.agent.adapter.postgresql;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The checks of tables and domains, which rows that were taken once need not fulfil now: a check may depend on the time, the
 * user or the database's name, or call a function that looks at what is not loaded yet. They are put back after the rows,
 * each as its table's or domain's owner; one that the rows do not fulfil there is kept, not validated.
 */
final class Constraints {
    private static final String QUERY = """
            SELECT CASE WHEN c.contypid = 0 THEN format('TABLE %s', c.conrelid::regclass)
                    ELSE format('DOMAIN %s', c.contypid::regtype) END AS target,
                quote_ident(c.conname) AS name, pg_get_constraintdef(c.oid) AS definition, c.convalidated AS validated,
                pg_get_userbyid(coalesce(r.relowner, t.typowner)) AS owner
            FROM pg_constraint c
            LEFT JOIN pg_class r ON r.oid = c.conrelid AND c.conrelid <> 0
            LEFT JOIN pg_type t ON t.oid = c.contypid AND c.contypid <> 0
            WHERE c.contype = 'c' AND c.coninhcount = 0
                AND coalesce(r.relnamespace, t.typnamespace) NOT IN
                    ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
            ORDER BY c.oid""";

    private record Check(String target, String name, String definition, boolean validated, String owner) {
        String add() {
            return "ALTER " + target + " ADD CONSTRAINT " + name + " " + definition;
        }
    }

    private final Psql psql;
    private final String database;
    private final String staged;
    private List<Check> checks = List.of();

    /** @param staged the name that the database has now */
    Constraints(Psql psql, String database, String staged) {
        this.psql = psql;
        this.database = database;
        this.staged = staged;
    }

    void drop() throws IOException, InterruptedException {
        checks = psql.list(staged, QUERY, Check.class);
        StringBuilder sql = new StringBuilder();
        for (Check check : checks) {
            sql.append("ALTER " + check.target() + " DROP CONSTRAINT IF EXISTS " + check.name() + ";\n");
        }
        psql.run(staged, sql.toString());
    }

    /** Puts them back, and tells of those that are not as they were. */
    List<String> add() throws IOException, InterruptedException {
        List<String> notes = new ArrayList<>();
        List<Psql.@Nullable Refused> outcomes = psql.attempt(
                staged,
                checks.stream().map(check -> statement(check, check.add())).toList());
        for (int i = 0; i < checks.size(); i++) {
            Psql.Refused refused = outcomes.get(i);
            Check check = checks.get(i);
            if (refused != null) {
                Psql.Refused still = psql.attempt(staged, List.of(statement(check, check.add() + " NOT VALID")))
                        .getFirst();
                notes.add("database " + database + ": constraint " + check.name() + " of " + check.target()
                        + (still == null ? " exists, but its rows were not checked" : " could not be made")
                        + ": " + refused.message() + " (" + refused.state() + "); to try again: ALTER " + check.target()
                        + (still == null
                                ? " VALIDATE CONSTRAINT " + check.name()
                                : " ADD CONSTRAINT " + check.name() + " " + check.definition()));
            }
        }
        return notes;
    }

    private static Psql.Statement statement(Check check, String sql) {
        return Psql.Statement.of(sql)
                .after("SET LOCAL search_path TO DEFAULT;\nSET LOCAL SESSION AUTHORIZATION "
                        + Sql.identifier(check.owner()) + ";\n");
    }
}
