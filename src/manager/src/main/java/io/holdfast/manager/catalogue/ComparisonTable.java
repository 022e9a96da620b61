package io.holdfast.manager.catalogue;

import io.holdfast.format.json.Json;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.type.TypeReference;

/** The rows of {@link Comparisons}. */
final class ComparisonTable {
    private final Database database;

    ComparisonTable(Database database) {
        this.database = database;
    }

    /** A row. */
    record Row(Instant comparedAt, long instances, long backups, long differences, long problems, String told) {}

    void note(long instances, long backups, long differences, long problems, List<String> told) {
        database.write(handle -> handle.createUpdate("""
                        INSERT INTO comparison (id, compared_at, instances, backups, differences, problems, told)
                        VALUES (1, %s, :instances, :backups, :differences, :problems, :told)
                        ON CONFLICT (id) DO UPDATE SET compared_at = excluded.compared_at,
                          instances = excluded.instances, backups = excluded.backups,
                          differences = excluded.differences, problems = excluded.problems, told = excluded.told
                        """.formatted(Database.NOW))
                .bind("instances", instances)
                .bind("backups", backups)
                .bind("differences", differences)
                .bind("problems", problems)
                .bind("told", Json.mapper().writeValueAsString(told))
                .execute());
    }

    Optional<Comparisons.Compared> last() {
        return database.read(handle -> handle.createQuery("SELECT * FROM comparison")
                        .map(RecordMapper.of(Row.class))
                        .findOne())
                .map(row -> new Comparisons.Compared(
                        row.comparedAt(),
                        row.instances(),
                        row.backups(),
                        row.differences(),
                        row.problems(),
                        Json.mapper().readValue(row.told(), new TypeReference<List<String>>() {})));
    }
}
