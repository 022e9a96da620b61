package io.holdfast.manager.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The database of a manager whose backups this one cannot read: {@code schema-5.db} was written by such a one at real work,
 * with a PostgreSQL and an agent.
 */
class UpgradeTest {
    @TempDir
    Path folder;

    @Test
    void aDatabaseOfTheFormatBeforeIsRefusedByNameAndStaysAsItIs() throws IOException, SQLException {
        Path file = folder.resolve("manager.db");
        try (InputStream first = Objects.requireNonNull(UpgradeTest.class.getResourceAsStream("schema-5.db"))) {
            Files.copy(first, file);
        }
        assertThatThrownBy(() -> Database.sqlite(folder, Clock.systemUTC()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("schema version 5")
                .hasMessageContaining("holdfast/1")
                .hasMessageContaining("HINT");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                ResultSet rows = connection
                        .createStatement()
                        .executeQuery(
                                "SELECT (SELECT max(version) FROM schema_version), (SELECT count(*) FROM backup)")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(5);
            assertThat(rows.getInt(2)).isEqualTo(3);
        }
    }
}
