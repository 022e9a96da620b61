package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.PostgresCluster;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An extension that can only be made in the database that the server's configuration names. */
class PostgresqlCronTest extends PostgresqlRows {
    private static final String JOBS =
            "SELECT jobid, jobname, schedule, command, database, username FROM cron.job ORDER BY 1";

    @Override
    @BeforeAll
    void startCluster() {
        cluster = PostgresCluster.start(
                Map.of("shared_preload_libraries", "pg_cron", "cron.database_name", "shop", "cron.log_run", "off"));
    }

    private void fill() {
        shop("""
                CREATE EXTENSION pg_cron;
                COMMENT ON EXTENSION pg_cron IS 'ours';
                GRANT USAGE ON SCHEMA cron TO app;
                GRANT SELECT ON cron.job_run_details TO app;
                SELECT cron.schedule('gone', '0 1 * * *', 'SELECT 1');
                SELECT cron.unschedule('gone');
                SELECT cron.schedule('nightly', '0 3 * * *', 'DELETE FROM t WHERE n < 0');
                CREATE TABLE t AS SELECT 1 AS n;
                """);
    }

    private void requireAll(RestoreResult result, String before) {
        assertThat(result.notes()).noneMatch(note -> note.contains("shop"));
        assertThat(query(JOBS)).isEqualTo(before);
        assertThat(query("TABLE t")).isEqualTo("1");
        assertThat(query("SELECT last_value FROM cron.jobid_seq")).isEqualTo("2");
        assertThat(query("SELECT has_schema_privilege('app', 'cron', 'USAGE'),"
                        + " has_table_privilege('app', 'cron.job_run_details', 'SELECT')"))
                .isEqualTo("t|t");
        assertThat(query("SELECT obj_description(oid, 'pg_extension') FROM pg_extension WHERE extname = 'pg_cron'"))
                .isEqualTo("ours");
        assertThat(query("SELECT count(*) FROM pg_namespace WHERE nspname ~ 'holdfast'"))
                .isEqualTo("0");
    }

    @Test
    void itsJobsComeBackIntoADatabaseThatIsGone() throws Exception {
        fill();
        String before = query(JOBS);
        assertThat(before).contains("nightly");
        requireAll(comesBack(dropped()), before);
    }

    @Test
    void itsJobsReplaceThoseThatAreThere() throws Exception {
        fill();
        String before = query(JOBS);
        requireAll(
                comesBack(
                        () -> query(
                                "SELECT cron.unschedule('nightly'); SELECT cron.schedule('new', '0 4 * * *', 'SELECT 2'); DELETE FROM t")),
                before);
    }

    @Test
    void whatNeedsItsTablesBeforeIsRefusedAndTheLiveDataStays() throws Exception {
        fill();
        query("CREATE VIEW mine AS SELECT jobname FROM cron.job");
        try (RunningAgent agent = agent()) {
            String backup = backup();
            query("UPDATE t SET n = 2");
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().message()).contains("shop", "cron");
            assertThat(query("TABLE t")).isEqualTo("2");
            agent.assertNoThreadsLeft();
        }
    }
}
