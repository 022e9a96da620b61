package io.holdfast.manager.catalogue;

import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * What was found when the catalogue was compared with the store.
 *
 * @param instances how many the store has
 * @param backups how many manifests the store has
 * @param differences how much the catalogue had otherwise; mended, unless only an audit was asked for
 * @param problems how much could not be mended: objects that are not what their names say
 */
public record Reconciliation(long instances, long backups, long differences, long problems) {
    /** Whether catalogue and store agree. */
    public boolean agrees() {
        return differences == 0 && problems == 0;
    }

    /**
     * Told of each finding, in a sentence, as soon as it is there: of a whole catalogue they are many.
     *
     * @param difference takes what the catalogue had otherwise
     * @param problem takes what could not be mended
     * @param damaged takes the number of each backup that is suspect from now on
     */
    public record Report(Consumer<String> difference, Consumer<String> problem, LongConsumer damaged) {
        /** Where nothing is done about damage. */
        public Report(Consumer<String> difference, Consumer<String> problem) {
            this(difference, problem, _ -> {});
        }
    }
}
