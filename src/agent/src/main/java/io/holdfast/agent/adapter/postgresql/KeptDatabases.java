package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
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
        List<String> expired = psql.list(maintenanceDatabase, EXPIRED, Name.class).stream()
                .map(Name::name)
                .toList();
        if (!expired.isEmpty()) {
            LOG.info("dropping {}: their rollback time is over", expired);
        }
        dropAll(psql, maintenanceDatabase, expired);
    }

    /** Drops databases, also those with subscriptions. One that cannot be dropped keeps no other from it. */
    static void dropAll(Psql psql, String from, List<String> names) throws IOException, InterruptedException {
        JobException failure = null;
        for (String name : names) {
            try {
                for (Name subscribed : psql.list(from, subscribed(name), Name.class)) {
                    psql.run(from, open(subscribed.name()));
                    psql.run(name, DROP_SUBSCRIPTIONS);
                }
                psql.run(from, drop(name));
            } catch (JobException e) {
                if (e.code() != FailureCode.RESTORE_FAILED) {
                    throw e;
                }
                LOG.warn("database {} could not be dropped: {}", name, e.getMessage());
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Selects the database, if it has a subscription. */
    private static String subscribed(String name) {
        return "SELECT datname AS name FROM pg_database d WHERE datname = " + Sql.literal(name)
                + " AND datconnlimit <> " + ServerFacts.INVALID
                + " AND EXISTS (SELECT FROM pg_subscription s WHERE s.subdbid = d.oid)";
    }

    /** Nobody but superusers gets in. */
    private static String open(String name) {
        return "ALTER DATABASE " + Sql.identifier(name) + " WITH CONNECTION LIMIT 0 ALLOW_CONNECTIONS true;\n";
    }

    /** Their slots at the publisher stay: those are of the database that has replaced this one. */
    private static final String DROP_SUBSCRIPTIONS = """
            SELECT format('ALTER SUBSCRIPTION %1$I DISABLE', subname), format('ALTER SUBSCRIPTION %1$I SET (slot_name = NONE)', subname),
                format('DROP SUBSCRIPTION %1$I', subname)
            FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()
            \\gexec
            """;

    /** Drops a database that may be a template, if it is there. */
    static String drop(String name) {
        return "SELECT format('ALTER DATABASE %I WITH IS_TEMPLATE false ALLOW_CONNECTIONS false', datname)"
                + " FROM pg_database WHERE datconnlimit <> -2 AND datname = " + Sql.literal(name) + " \\gexec\n"
                + "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = " + Sql.literal(name) + ";\n"
                + "DROP DATABASE IF EXISTS " + Sql.identifier(name) + ";\n";
    }
}
