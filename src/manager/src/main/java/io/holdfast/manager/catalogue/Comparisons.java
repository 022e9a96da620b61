package io.holdfast.manager.catalogue;

import io.holdfast.manager.sql.Database;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the last comparison of the catalogue with the store found, for all managers to show. */
public final class Comparisons {
    final ComparisonTable table;
    final ComparedBackupTable backups;

    public Comparisons(Database database) {
        this.table = new ComparisonTable(database);
        this.backups = new ComparedBackupTable(database);
    }

    /**
     * What one found.
     *
     * @param instances how many the store has
     * @param backups how many manifests the store has
     * @param differences how much the catalogue had otherwise, and was mended
     * @param problems how much was odd
     * @param messages the first of the problems, in words
     */
    public record Compared(
            Instant comparedAt, long instances, long backups, long differences, long problems, List<String> messages) {}

    /** Notes what one found that ended now. */
    public void note(long instances, long backups, long differences, long problems, List<String> messages) {
        table.note(instances, backups, differences, problems, messages);
    }

    /** What the last one found; empty before the first has ended. */
    public Optional<Compared> last() {
        return table.last();
    }
}
