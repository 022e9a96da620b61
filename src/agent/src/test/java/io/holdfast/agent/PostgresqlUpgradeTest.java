package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.standin.StandInManager;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.PostgresCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A backup of one server, restored into another one, which knows none of its roles and databases: of this machine's
 * version, or of the older one that {@code scripts/versions} has started, into this machine's.
 */
class PostgresqlUpgradeTest {
    /** Tables with the count of their rows and a sum over them, and what else dumps of two versions write alike. */
    private static final List<String> QUESTIONS = List.of(
            "SELECT count(*), sum(hashtext(t::text)) FROM \"odd \"\"schema\".\"table; DROP\" t",
            "SELECT count(*), sum(hashtext(p::text)) FROM parts p",
            "SELECT count(*), sum(hashtext(m::text)) FROM mv m",
            "SELECT string_agg(indexdef, ';' ORDER BY indexdef) FROM pg_indexes WHERE schemaname = 'public'",
            "SELECT string_agg(encode(lo_get(oid), 'hex'), ',' ORDER BY oid) FROM pg_largeobject_metadata",
            "SELECT last_value FROM s",
            "SELECT datcollate, datctype, pg_encoding_to_char(encoding), to_jsonb(d)->>'datlocprovider', datacl"
                    + " FROM pg_database d WHERE datname = current_database()",
            "SELECT string_agg(setconfig::text, ';' ORDER BY setconfig::text) FROM pg_db_role_setting",
            "SELECT string_agg(polname || polrelid::regclass, ',') FROM pg_policy",
            "SELECT string_agg(rolname || coalesce(rolpassword, '') || rolconnlimit, ',' ORDER BY rolname) FROM pg_authid"
                    + " WHERE rolname !~ '^pg_' AND rolname <> 'postgres'",
            "SELECT string_agg(roleid::regrole::text || ' ' || member::regrole || ' ' || admin_option, ',' ORDER BY 1)"
                    + " FROM (SELECT DISTINCT roleid, member, admin_option FROM pg_auth_members) m(roleid, member, admin_option)"
                    + " WHERE roleid::regrole::text !~ '^pg_'");

    @TempDir
    Path directory;

    @Test
    void hardDataOfAnOlderServerComesBackInAnotherOne() throws Exception {
        try (PostgresCluster older = older();
                PostgresCluster newer = PostgresCluster.start();
                StandInManager manager = new StandInManager(directory)) {
            HardData.create(older);
            grantInAnothersName(older);
            String backup;
            try (RunningAgent agent = RunningAgent.of(manager, older, Files.createDirectory(directory.resolve("a")))) {
                backup = manager.orderBackup();
                Object report = manager.report();
                assertThat(report).as(report.toString()).isInstanceOf(BackupResult.class);
                agent.assertNoThreadsLeft();
            }
            try (RunningAgent agent = RunningAgent.of(manager, newer, Files.createDirectory(directory.resolve("b")))) {
                manager.orderRestore(backup, 24);
                Object report = manager.report();
                assertThat(report).as(report.toString()).isInstanceOf(RestoreResult.class);
                assertThat(((RestoreResult) report).notes())
                        .noneMatch(note -> note.contains("could not be made") || note.contains("left out"));
                agent.assertNoThreadsLeft();
            }
            for (String database : List.of("app", "🐘 élan")) {
                for (String question : QUESTIONS) {
                    assertThat(newer.psql(database, question)).as(question).isEqualTo(older.psql(database, question));
                }
            }
            assertThat(newer.psql("latin", "TABLE umlauts")).isEqualTo("äöüß");
        }
    }

    /** Servers before 16 took that from anybody who may create roles; later ones want the admin option. */
    private static void grantInAnothersName(PostgresCluster older) {
        older.psql("postgres", """
                CREATE ROLE granter CREATEROLE;
                CREATE ROLE team;
                CREATE ROLE player;
                """);
        if (Integer.parseInt(older.psql("postgres", "SHOW server_version_num")) >= 160_000) {
            older.psql("postgres", "GRANT team TO granter WITH ADMIN OPTION");
        }
        older.psql("postgres", "SET ROLE granter; GRANT team TO player");
    }

    private static PostgresCluster older() {
        String port = System.getProperty("older.port");
        return port == null
                ? PostgresCluster.start()
                : PostgresCluster.running(
                        Path.of(System.getProperty("older.bin", "")),
                        Integer.parseInt(port),
                        System.getProperty("older.password", ""));
    }
}
