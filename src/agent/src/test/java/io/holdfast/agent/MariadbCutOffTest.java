package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Restores whose client programs are ended at each of their statements: live data is then what it was, or all of the new. */
class MariadbCutOffTest extends SqlFixture {
    private static final String LITTLE = """
            CREATE DATABASE app; CREATE DATABASE work; USE app;
            CREATE SEQUENCE s; CREATE TABLE p (id BIGINT DEFAULT NEXTVAL(s) PRIMARY KEY); INSERT INTO p VALUES (1);
            CREATE TABLE work.c (p BIGINT REFERENCES app.p (id)) ENGINE=InnoDB; INSERT INTO work.c VALUES (1);
            CREATE TABLE m (n INT PRIMARY KEY) ENGINE=MyISAM PARTITION BY HASH (n) PARTITIONS 2; INSERT INTO m VALUES (1), (2);
            CREATE TRIGGER t BEFORE INSERT ON p FOR EACH ROW SET @x = 1; CREATE VIEW v AS SELECT * FROM p;
            CREATE FUNCTION work.f() RETURNS INT RETURN 1; CREATE EVENT work.e ON SCHEDULE EVERY 1 YEAR DO SET @x = 1;
            CREATE ROLE readers; GRANT SELECT ON app.* TO readers; CREATE USER app@'%' IDENTIFIED BY 'x'; GRANT readers TO app@'%';
            GRANT readers TO holdfast@'127.0.0.1' WITH ADMIN OPTION;
            """;

    private static final String OTHER = """
            USE app; INSERT INTO p VALUES (5); DROP VIEW v; CREATE VIEW w AS SELECT * FROM p; DROP TABLE m;
            CREATE TABLE added (n INT); INSERT INTO added VALUES (1); DROP TRIGGER t;
            CREATE TRIGGER t2 BEFORE INSERT ON p FOR EACH ROW SET @x = 2; ALTER DATABASE app COMMENT 'other';
            DROP FUNCTION work.f; CREATE PROCEDURE work.p() SELECT 1; ALTER EVENT work.e DISABLE;
            GRANT INSERT ON app.* TO readers; ALTER USER app@'%' IDENTIFIED BY 'y';
            """;

    @Override
    HardSql start() {
        return HardMariadb.start();
    }

    /** The first line of the number that the file {@code at} holds ends the client: what comes before it has been run. */
    private MariadbConfig endedAt() throws IOException {
        Path tools = Files.createDirectories(directory.resolve("tools"));
        Files.createSymbolicLink(tools.resolve("mysqldump"), Path.of("/usr/bin/mariadb-dump"));
        Path program = tools.resolve("mysql");
        Files.writeString(program, """
                #!/bin/bash
                # Counts the lines of all its inputs that end a statement, until it is at the one at which it is to be ended.
                here=%s
                # The one that stays connected, by which the agent asks for its node's role: its input has no end.
                [[ " $* " != *" --skip-reconnect "* ]] || exec /usr/bin/mariadb "$@"
                in=$(mktemp -p "$here"); trap 'rm -f "$in"' EXIT; cat > "$in"
                begins=$(cat "$here/count" 2>/dev/null || echo 0); at=$(cat "$here/at")
                [ -e "$here/counting" ] || exec /usr/bin/mariadb "$@" < "$in"
                ends=$((begins + $(grep -c ';$' "$in"))); echo "$ends" > "$here/count"
                if [ "$begins" -lt "$at" ] && [ "$at" -le "$ends" ]; then
                  rm "$here/counting"
                  awk -v most=$((at - begins)) '{ print } /;$/ && ++n == most { exit }' "$in" | /usr/bin/mariadb "$@"
                  echo 'ERROR 1105 (HY000) at line 1: ended' >&2
                  exit 1
                fi
                /usr/bin/mariadb "$@" < "$in"
                """.formatted(directory));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return hard.withTools(tools.toString());
    }

    @Test
    void aRestoreThatIsEndedAtOneOfManyStatementsLeavesTheOldDataOrTheNew() throws Exception {
        endedAtEach(37);
    }

    /** An hour. */
    @Test
    @Tag("whole")
    void aRestoreThatIsEndedAtAnyStatementLeavesTheOldDataOrTheNew() throws Exception {
        endedAtEach(1);
    }

    private void endedAtEach(int step) throws Exception {
        hard.lose();
        server.sql(LITTLE);
        String wanted = hard.listing();
        MariadbConfig config = endedAt();
        String backup;
        Files.writeString(directory.resolve("at"), "0");
        try (RunningAgent agent = agent()) {
            backup = backup();
            assertNothingLeft(agent);
        }
        server.sql(OTHER);
        String before = hard.listing();
        int failed = 0;
        int at = 0;
        boolean whole = false;
        try (RunningAgent agent = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            while (!whole) {
                at += step;
                Files.writeString(directory.resolve("at"), Integer.toString(at));
                Files.writeString(directory.resolve("count"), "0");
                Files.createFile(directory.resolve("counting"));
                manager.orderRestore(backup, 0);
                Object report = manager.report();
                whole = Files.deleteIfExists(directory.resolve("counting"));
                Await.until(() -> journals().isEmpty());
                String now = hard.listing();
                if (report instanceof JobFailure failure) {
                    failed++;
                    assertThat(failure.liveData())
                            .as(at + ": " + failure.message())
                            .isEqualTo(JobFailure.LiveData.UNTOUCHED);
                    assertThat(now).as(at + ": " + failure.message()).isEqualTo(before);
                    assertThat(server.sql("SHOW DATABASES LIKE 'holdfast%'"))
                            .as("at " + at)
                            .isEmpty();
                    assertThat(server.sql("app", "y", "SELECT @@GLOBAL.event_scheduler"))
                            .isEqualTo("ON");
                } else {
                    assertThat(report).isInstanceOf(RestoreResult.class);
                    assertThat(now).as("at " + at).isEqualTo(wanted);
                    change();
                }
                assertNothingLeft(agent);
            }
        }
        assertThat(failed).isGreaterThan(5);
    }

    private void change() {
        hard.lose();
        server.sql(LITTLE);
        server.sql(OTHER);
        hard.dropKept();
    }
}
