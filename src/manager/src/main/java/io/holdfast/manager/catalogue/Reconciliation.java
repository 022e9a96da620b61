package io.holdfast.manager.catalogue;

import java.util.List;

/**
 * What was found when the catalogue was compared with the store.
 *
 * @param instances how many the store has
 * @param backups how many manifests the store has
 * @param differences what the catalogue had otherwise, in sentences; mended, unless only an audit was asked for
 * @param problems what could not be mended: objects that are not what their names say
 */
public record Reconciliation(int instances, int backups, List<String> differences, List<String> problems) {
    public Reconciliation {
        differences = List.copyOf(differences);
        problems = List.copyOf(problems);
    }

    /** Whether catalogue and store agree. */
    public boolean agrees() {
        return differences.isEmpty() && problems.isEmpty();
    }
}
