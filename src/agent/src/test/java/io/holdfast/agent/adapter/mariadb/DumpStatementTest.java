package io.holdfast.agent.adapter.mariadb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.agent.attempt.JobException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What dump programs write, and what they do not. */
class DumpStatementTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET GLOBAL general_log_file = '/etc/passwd'",
                "SET @@GLOBAL.read_only = 1",
                "SET PERSIST max_connections = 1",
                "SET @@PERSIST.max_connections = 1",
                "SET @a = 1, GLOBAL max_connections = 1",
                "SET PASSWORD = 'x'",
                "SET SESSION PASSWORD = 'x'",
                "SET PASSWORD FOR root@localhost = 'x'",
                "SET ROLE ALL",
                "SET DEFAULT ROLE ALL TO root@localhost",
                "SET STATEMENT sql_mode = '' FOR DROP DATABASE app",
                "SET @a = (SELECT 1)",
                "SET @a = app.f()",
                "SET @a",
                "SET",
                "/*!999999 SET @a = 1 */ DROP DATABASE app",
                "/*M! SET @a = 1 */ GRANT ALL ON *.* TO app@'%'",
                "SET /*!999999 @a = 1, */ GLOBAL max_connections = 1",
                "CREATE /*!999999 TABLE a */ USER b",
                "INSERT INTO /*!999999 a */ `mysql`.`user` VALUES (1)",
                "INSERT INTO `mysql`.`user` VALUES (1)",
                "USE /*!999999 a */ b",
                "ANALYZE TABLE a",
                "GRANT ALL ON *.* TO app@'%'",
                "CREATE USER app@'%'",
                "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t",
                "INSTALL PLUGIN a SONAME 'b'"
            })
    void whatNoDumpHasIsRefused(String sql) {
        assertThatThrownBy(() -> DumpStatement.of(sql))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("no dump program writes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */",
                "/*!50503 SET NAMES utf8mb4 */",
                "/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */",
                "/*!50106 SET @save_time_zone= @@TIME_ZONE */",
                "SET character_set_client = @saved_cs_client",
                "SET @@SESSION.sql_log_bin= 0",
                "SET SESSION sql_mode = 'ORACLE'"
            })
    void whatDumpProgramsSetIsTaken(String sql) throws Exception {
        assertThat(DumpStatement.of(sql).kind()).isEqualTo(DumpStatement.Kind.SET);
    }

    @Test
    void commentsThatOnlySomeServersRunAreRead() throws Exception {
        DumpStatement table = DumpStatement.of(
                "CREATE TABLE `t` (`a` int /*!80023 INVISIBLE */, KEY `k` (`a`) /*!80000 INVISIBLE */)");
        assertThat(table.kind()).isEqualTo(DumpStatement.Kind.TABLE);
        assertThat(table.name()).isEqualTo("t");
        DumpStatement schema = DumpStatement.of("CREATE DATABASE /*!32312 IF NOT EXISTS*/ `app` /*!40100 DEFAULT"
                + " CHARACTER SET latin1 */ /*!80016 DEFAULT ENCRYPTION='N' */");
        assertThat(schema.kind()).isEqualTo(DumpStatement.Kind.DATABASE);
        assertThat(schema.rest()).contains("latin1", "ENCRYPTION");
        DumpStatement histogram =
                DumpStatement.of("/*!80002 ANALYZE TABLE `t` UPDATE HISTOGRAM ON `c` WITH 10 BUCKETS */");
        assertThat(histogram.kind()).isEqualTo(DumpStatement.Kind.HISTOGRAM);
        assertThat(histogram.name()).isEqualTo("t");
        assertThat(DumpStatement.of(
                                "/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`b` SQL SECURITY DEFINER */\n"
                                        + "/*!50001 JSON RELATIONAL DUALITY VIEW `dv` AS select 1 */")
                        .kind())
                .isEqualTo(DumpStatement.Kind.VIEW);
    }

    @Test
    void codeInDollarsIsReadToItsEnd() throws Exception {
        String library =
                "CREATE LIBRARY `lib`\n    LANGUAGE JAVASCRIPT\nAS $JAVASCRIPT$ it's $$ ;; `x \" /* $JAVASCRIPT$";
        DumpReader reader = new DumpReader(new ByteArrayInputStream(("DELIMITER ;;\n" + library
                        + " ;;\nDELIMITER ;\nCREATE FUNCTION f() RETURNS INT RETURN $a$b; USE `next`;\n")
                .getBytes(StandardCharsets.UTF_8)));
        List<String> statements = new ArrayList<>();
        for (DumpReader.Piece piece = reader.next(); piece != null; piece = reader.next()) {
            statements.add(piece.text().strip());
        }
        assertThat(statements).containsExactly(library, "CREATE FUNCTION f() RETURNS INT RETURN $a$b", "USE `next`");
        DumpStatement statement = DumpStatement.of(library);
        assertThat(statement.kind()).isEqualTo(DumpStatement.Kind.LIBRARY);
        assertThat(statement.name()).isEqualTo("lib");
        assertThat(statement.tokens()).hasSize(7);
    }
}
