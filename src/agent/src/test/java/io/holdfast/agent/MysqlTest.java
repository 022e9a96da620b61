package io.holdfast.agent;

import java.util.List;
import org.junit.jupiter.api.Tag;

/** The contract against a real MySQL. */
@Tag("other-release")
class MysqlTest extends SqlContract {
    @Override
    HardSql start() {
        return HardMysql.start();
    }

    @Override
    List<String> programs() {
        return List.of("mysql", "mysqldump");
    }

    @Override
    String version(String number) {
        return "mysqldump  Ver " + number + " for Linux";
    }

    @Override
    List<String> tooOldAndNot() {
        return List.of("8.0.36", "8.4.2");
    }

    @Override
    String versionOfTheOther() {
        return "mysqldump  Ver 10.19 Distrib 10.11.8-MariaDB, for debian-linux-gnu";
    }

    @Override
    String rows(int count) {
        return "SET cte_max_recursion_depth = 1000000;"
                + " INSERT INTO t WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < " + count
                + ") SELECT RANDOM_BYTES(1000) FROM s";
    }

    @Override
    List<String> writerOptions() {
        return List.of("--get-server-public-key");
    }
}
