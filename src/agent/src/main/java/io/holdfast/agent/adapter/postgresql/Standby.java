package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.Replication;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether a server is a standby, and how far behind. One that receives and has replayed all that it received is not behind
 * at all, however long nobody has written; else the age of the last transaction that it replayed tells, see PostgreSQL's
 * "Recovery Information Functions".
 */
record Standby(boolean replica, @Nullable Long behindMillis) {
    private static final String QUERY = """
            SELECT pg_is_in_recovery() AS replica,
                CASE WHEN NOT pg_is_in_recovery() THEN NULL
                    WHEN EXISTS (SELECT 1 FROM pg_stat_wal_receiver WHERE pid IS NOT NULL)
                        AND pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn() THEN 0
                    ELSE greatest(0, extract(epoch FROM now() - pg_last_xact_replay_timestamp()) * 1000)::bigint
                END AS behind_millis""";

    static Replication replication(Psql psql, String database) throws IOException, InterruptedException {
        Standby standby = psql.list(database, QUERY, Standby.class).getFirst();
        Long behind = standby.behindMillis();
        return standby.replica()
                ? Replication.replica(behind == null ? null : Duration.ofMillis(behind))
                : Replication.PRIMARY;
    }
}
