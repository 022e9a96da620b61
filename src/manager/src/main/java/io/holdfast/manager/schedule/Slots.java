package io.holdfast.manager.schedule;

import io.holdfast.manager.sql.Database;
import java.util.Optional;

/** The slots of the instances' schedules that were handled. */
public final class Slots {
    final SlotTable table;

    public Slots(Database database) {
        this.table = new SlotTable(database);
    }

    /** What became of a slot. */
    public enum Outcome {
        QUEUED,
        SKIPPED
    }

    /** The latest slot of an instance that was handled. */
    public Optional<Slot> latest(long instance) {
        return table.latest(instance);
    }
}
