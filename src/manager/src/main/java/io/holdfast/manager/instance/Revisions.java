package io.holdfast.manager.instance;

import io.holdfast.format.instance.InstanceRecord;
import io.holdfast.manager.sql.Database;
import java.util.List;

/**
 * Counts how often what an instance's record says was changed, so that the record in the store can follow, and so that
 * two who change the same see each other.
 */
public final class Revisions {
    final RevisionTable table;

    public Revisions(Database database) {
        this.table = new RevisionTable(database);
    }

    /** Whether an instance is still as it was seen; to be asked in the transaction that changes it. */
    public boolean isAsSeen(long instance, long revision) {
        return table.isAsSeen(instance, revision);
    }

    /** Some instances whose record in the store is older than what is here. */
    public List<Instance> toStore(int most) {
        return table.toStore(most);
    }

    /** Notes that the store has the record of this revision. False when it is not the newest one any more. */
    public boolean markStored(long instance, long revision) {
        return table.markStored(instance, revision);
    }

    /** Has the record put into the store anew: what is there is not what was put there. */
    public void storeAgain(long instance) {
        table.storeAgain(instance);
    }

    /**
     * Takes over what an authentic record says of an instance, but for its keys.
     *
     * @param ownerUnknown whether what it says of the owner may be out of date
     * @return the instance's number
     */
    public long follow(InstanceRecord wanted, boolean ownerUnknown) {
        return table.follow(wanted, ownerUnknown);
    }

    /** Notes that the store has the record of an instance that was just taken in, with its keys. */
    public void setStored(long instance, long revision) {
        table.set(instance, revision, revision);
    }

    /** Notes that an instance that was just taken in is to have a record that no earlier one can take the place of. */
    public void setToStore(long instance, long afterRevision) {
        table.set(instance, afterRevision + 2, afterRevision + 1);
    }
}
