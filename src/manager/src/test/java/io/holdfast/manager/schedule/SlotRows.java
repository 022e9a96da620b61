package io.holdfast.manager.schedule;

import io.holdfast.manager.sql.Database;

/** What tests of other packages do to the slots of schedules. */
public final class SlotRows {
    private final SlotTable slots;

    public SlotRows(Database database) {
        this.slots = new SlotTable(database);
    }

    /** From now on, slots of instances that were not seen before count. */
    public void beginNew() {
        slots.beginNew();
    }
}
