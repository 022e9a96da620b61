package io.holdfast.agent.adapter.postgresql;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a restore writes into its journal. Databases are known by their OIDs, which a change of name does not change. The
 * globals of before and after, which hold password hashes, are in the maintenance database instead.
 *
 * @param createdRoles roles that were not there before
 * @param databases what is to be swapped; empty while it is staged
 * @param leftAlone live databases that the backup does not have
 * @param notes sentences for an operator
 */
record SwapState(List<String> createdRoles, List<Database> databases, List<String> leftAlone, List<String> notes) {
    static final SwapState EMPTY = new SwapState(List.of(), List.of(), List.of(), List.of());

    /**
     * One database.
     *
     * @param properties as they are to be
     * @param stagedName its name until the swap
     * @param stagedOid the new database
     * @param keptName the name of the replaced database after the swap, or null when there is none
     * @param live the database that has the name now, or null
     * @param expected counts by which it is checked
     */
    record Database(
            DatabaseProperties properties,
            String stagedName,
            long stagedOid,
            @Nullable String keptName,
            @Nullable Live live,
            Map<String, Long> expected) {}

    /** A live database, and what has to be put back when it gets its name back. */
    record Live(
            long oid,
            String name,
            boolean allowConnections,
            boolean template,
            int connectionLimit,
            @Nullable String comment) {
        static final String QUERY = """
                SELECT oid::bigint AS oid, datname AS name, datallowconn AS allow_connections, datistemplate AS template,
                    datconnlimit AS connection_limit, shobj_description(oid, 'pg_database') AS comment
                FROM pg_database""";

        /** Whether it is what an interrupted {@code DROP DATABASE} has left. */
        boolean invalid() {
            return connectionLimit == ServerFacts.INVALID;
        }

        /** Opens the database, which has its name back, as it was. */
        String reopen() {
            String database = Sql.identifier(name);
            return "ALTER DATABASE " + database + " WITH ALLOW_CONNECTIONS " + allowConnections + " CONNECTION LIMIT "
                    + connectionLimit + " IS_TEMPLATE " + template + ";\n"
                    + "COMMENT ON DATABASE " + database + " IS " + (comment == null ? "NULL" : Sql.literal(comment))
                    + ";\n";
        }
    }
}
