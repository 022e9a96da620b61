package io.holdfast.manager.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.manager.instance.Instances;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("state")
class DatabaseTest {
    @TempDir
    Path folder;

    @Test
    void aSecondStartKeepsWhatIsThere() {
        try (Database database = TestDatabase.open(folder)) {
            new Instances(database).register("shop-1", "postgresql");
        }
        try (Database database = TestDatabase.open(folder)) {
            assertThat(new Instances(database).find("shop-1")).isPresent();
        }
    }

    @Test
    void aNewerSchemaStopsTheStartAndSaysWhatToDo() {
        try (Database database = TestDatabase.open(folder)) {
            TestDatabase.run(database, "INSERT INTO schema_version VALUES (99, 'V099.sql', 'x', 0)");
        }
        assertThatThrownBy(() -> TestDatabase.open(folder))
                .hasStackTraceContaining("schema version 99")
                .hasStackTraceContaining("HINT");
    }

    @Test
    void aChangedMigrationStopsTheStart() {
        try (Database database = TestDatabase.open(folder)) {
            TestDatabase.run(database, "UPDATE schema_version SET sha256 = 'other' WHERE version = 1");
        }
        assertThatThrownBy(() -> TestDatabase.open(folder)).hasStackTraceContaining("V001_first.sql");
    }

    @Test
    void aTransactionThatThrowsLeavesNothingAndTellsNobody() {
        List<String> told = new ArrayList<>();
        try (Database database = TestDatabase.open(folder)) {
            Instances instances = new Instances(database);
            assertThatThrownBy(() -> database.transaction(() -> {
                        instances.register("shop-1", "postgresql");
                        database.afterCommit(() -> told.add("committed"));
                        throw new IllegalStateException("broken off");
                    }))
                    .hasMessage("broken off");
            assertThat(instances.find("shop-1")).isEmpty();
            assertThat(told).isEmpty();
        }
    }

    @Test
    void listenersHearOfATransactionOnlyWhenItIsCommitted() {
        List<Boolean> visible = new ArrayList<>();
        try (Database database = TestDatabase.open(folder)) {
            Instances instances = new Instances(database);
            database.transaction(() -> {
                database.afterCommit(() -> visible.add(instances.find("shop-1").isPresent()));
                return instances.register("shop-1", "postgresql");
            });
        }
        assertThat(visible).containsExactly(true);
    }
}
