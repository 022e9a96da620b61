package io.holdfast.manager.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
    void aDatabaseOfTheFormatBeforeIsRefusedByNameAndStaysAsItIs() throws IOException {
        Path file = folder.resolve("manager.db");
        try (InputStream first = Objects.requireNonNull(UpgradeTest.class.getResourceAsStream("schema-5.db"))) {
            Files.copy(first, file);
        }
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> Database.sqlite(folder, Clock.systemUTC()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("schema version 5")
                .hasMessageContaining("holdfast/1")
                .hasMessageContaining("HINT");
        assertThat(file).hasBinaryContent(before);
    }
}
