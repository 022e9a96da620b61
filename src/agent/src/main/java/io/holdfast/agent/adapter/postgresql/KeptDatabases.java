package io.holdfast.agent.adapter.postgresql;

import java.io.IOException;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Databases that a restore has replaced. Their names say so, and their comments until when they are kept, so that this is
 * known even when the agent's own disk is lost.
 */
final class KeptDatabases {
    private static final Logger LOG = LoggerFactory.getLogger(KeptDatabases.class);
    private static final String COMMENT = "holdfast: replaced by a restore, kept until ";

    private static final String EXPIRED = """
            SELECT datname AS name FROM pg_database
            WHERE datname ~ '^holdfast_old_[0-9]+_[0-9]+$'
                AND CASE WHEN shobj_description(oid, 'pg_database') ~ '^%s[0-9TZ:.-]+$'
                    THEN substr(shobj_description(oid, 'pg_database'), %d)::timestamptz < now() ELSE false END
            """.formatted(COMMENT, COMMENT.length() + 1);

    private record Name(String name) {}

    private KeptDatabases() {}

    /** The comment for a database that is kept until then. */
    static String comment(Instant until) {
        return COMMENT + until;
    }

    /** Drops all whose time is over. */
    static void dropExpired(Psql psql, String maintenanceDatabase) throws IOException, InterruptedException {
        for (Name kept : psql.list(maintenanceDatabase, EXPIRED, Name.class)) {
            LOG.info("dropping {}: its rollback time is over", kept.name());
            psql.run(maintenanceDatabase, drop(kept.name()));
        }
    }

    /** Drops a database that may be a template, if it is there. */
    static String drop(String name) {
        return "SELECT format('ALTER DATABASE %I WITH IS_TEMPLATE false ALLOW_CONNECTIONS false', datname)"
                + " FROM pg_database WHERE datname = " + Sql.literal(name) + " \\gexec\n"
                + "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = " + Sql.literal(name) + ";\n"
                + "DROP DATABASE IF EXISTS " + Sql.identifier(name) + ";\n";
    }
}
