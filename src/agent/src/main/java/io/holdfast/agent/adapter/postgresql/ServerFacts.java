package io.holdfast.agent.adapter.postgresql;

import java.io.IOException;
import java.util.List;

/**
 * What a server says about itself.
 *
 * @param version such as {@code 15.18}
 * @param versionNumber such as 150018
 * @param superuser whether the agent's user is one
 * @param databaseBytes the size of all databases
 * @param dataDirectory where its files are, on its machine
 * @param closedDatabases databases that take no connections, and so cannot be dumped
 * @param invalidDatabases what an interrupted {@code DROP DATABASE} has left
 * @param standby whether it is one
 * @param preparedTransactions prepared transactions, which keep a database from being renamed
 */
record ServerFacts(
        String version,
        int versionNumber,
        boolean superuser,
        long databaseBytes,
        String dataDirectory,
        List<String> closedDatabases,
        List<String> invalidDatabases,
        boolean standby,
        long preparedTransactions) {
    /** A connection limit by which servers mark a database that is being dropped, see their {@code DATCONNLIMIT_INVALID_DB}. */
    static final int INVALID = -2;

    private static final String QUERY = """
            SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
                current_setting('server_version_num')::int AS version_number,
                (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
                (SELECT coalesce(sum(pg_database_size(oid)), 0)::bigint FROM pg_database WHERE datallowconn AND datconnlimit <> -2
                    AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)) AS database_bytes,
                CASE WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
                    THEN current_setting('data_directory') ELSE '' END AS data_directory,
                (SELECT coalesce(json_agg(datname), '[]') FROM pg_database
                    WHERE NOT datallowconn AND datconnlimit <> -2 AND datname <> 'template0' AND datname !~ '^holdfast_') AS closed_databases,
                (SELECT coalesce(json_agg(datname), '[]') FROM pg_database WHERE datconnlimit = -2) AS invalid_databases,
                pg_is_in_recovery() AS standby,
                (SELECT count(*) FROM pg_prepared_xacts) AS prepared_transactions""";

    static ServerFacts of(Psql psql, String database) throws IOException, InterruptedException {
        return psql.list(database, QUERY, ServerFacts.class).getFirst();
    }

    int major() {
        return versionNumber / 10_000;
    }
}
