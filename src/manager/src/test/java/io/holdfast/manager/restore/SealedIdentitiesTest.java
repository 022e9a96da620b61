package io.holdfast.manager.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.sql.Database;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done twice a second takes as long as there are restores that it is for, not as all that ever were. */
class SealedIdentitiesTest {
    @TempDir
    Path folder;

    @Test
    void identitiesOfEndedRestoresAreFoundByTheIndexOfThoseThatHaveOne() throws Exception {
        try (Database database = Database.sqlite(folder, InstantSource.system())) {
            List<String> plan =
                    database.read(handle -> handle.createQuery("EXPLAIN QUERY PLAN " + RestoreTable.DROP_SEALED)
                            .map((row, context) -> row.getString("detail"))
                            .list());
            assertThat(plan)
                    .anyMatch(step -> step.contains("restore USING INDEX restore_sealed"))
                    .noneMatch(step -> step.contains("job_by_state"))
                    .noneMatch(step -> step.matches("SCAN \\w+"));
        }
    }
}
