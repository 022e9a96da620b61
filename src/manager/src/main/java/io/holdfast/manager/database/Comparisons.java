package io.holdfast.manager.database;

import io.holdfast.format.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.type.TypeReference;

/** What the last comparison of the catalogue with the store found, for all managers to show. */
public final class Comparisons {
    private final Database database;

    public Comparisons(Database database) {
        this.database = database;
    }

    /**
     * What one found.
     *
     * @param instances how many the store has
     * @param backups how many manifests the store has
     * @param differences how much the catalogue had otherwise, and was mended
     * @param problems how much was odd
     * @param told the first of the problems, in words
     */
    public record Compared(
            Instant comparedAt, long instances, long backups, long differences, long problems, List<String> told) {}

    /** A row. */
    public record Row(Instant comparedAt, long instances, long backups, long differences, long problems, String told) {}

    /** Notes what one found that ended now. */
    public void note(long instances, long backups, long differences, long problems, List<String> told) {
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

    /** What the last one found; empty before the first has ended. */
    public Optional<Compared> last() {
        return database.read(handle -> handle.createQuery("SELECT * FROM comparison")
                        .map(RecordMapper.of(Row.class))
                        .findOne())
                .map(row -> new Compared(
                        row.comparedAt(),
                        row.instances(),
                        row.backups(),
                        row.differences(),
                        row.problems(),
                        Json.mapper().readValue(row.told(), new TypeReference<List<String>>() {})));
    }
}
