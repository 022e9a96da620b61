package io.holdfast.manager.backup;

import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.sql.Database;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which objects are read in the place of others that are damaged or lost. They are few: where much is lost, nothing is replaced.
 * May be used by any thread.
 */
public final class Replacements {
    /** The most of one instance. */
    public static final int MOST = 100;

    private final ReplacementTable table;

    Replacements(Database database) {
        this.table = new ReplacementTable(database);
    }

    /**
     * Those of an instance, by what they replace.
     *
     * @param folder the instance's, in the store
     */
    public Map<SegmentName, Replacement> of(String folder) {
        return table.list(folder).stream()
                .collect(Collectors.toUnmodifiableMap(Replacement::lost, Function.identity()));
    }

    /**
     * Notes one, or another in its place.
     *
     * @param instance the one that the backup belongs to whose list has it
     * @param foundIn that backup
     * @return false, with nothing noted, when there are too many already, or that backup is about to be deleted
     */
    public boolean add(long instance, String folder, long foundIn, Replacement replacement) {
        return table.add(instance, folder, foundIn, replacement, MOST);
    }

    /** Forgets one. */
    public void remove(String folder, SegmentName lost) {
        table.remove(folder, lost);
    }
}
