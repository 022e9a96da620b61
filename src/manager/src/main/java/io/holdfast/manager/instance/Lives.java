package io.holdfast.manager.instance;

import io.holdfast.manager.sql.Database;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How instances are deleted, come back, begin anew, and change hands.
 *
 * <p>A deletion is a tombstone: the row stays, with its owner, and nothing but a registration ends it. As long as backups
 * of the deleted life are kept, registering it again takes the deletion back: it is the same life, with its keys. Later
 * it is another life with a row of its own, and nothing of the earlier one's is its.
 */
public final class Lives {
    final LifeTable table;

    public Lives(Database database) {
        this.table = new LifeTable(database);
    }

    /**
     * Notes that an instance is deleted; false while a job of it has not ended.
     *
     * @param keepBackups whether its backups stay for now; not for ever, and the instance can be seen as long
     */
    public boolean delete(long instance, boolean keepBackups) {
        return table.delete(instance, keepBackups);
    }

    /** Takes the deletion of an instance back whose backups are still kept. */
    public void takeBack(long instance) {
        table.takeBack(instance);
    }

    /**
     * Begins another life of a deleted instance whose backups are not kept. It has the platform's plan and no key; its key
     * versions are numbered, and its revisions counted, behind those of the life before.
     *
     * @return its number
     */
    public long beginAnew(Instance before, String service, @Nullable String owner) {
        return table.beginAnew(before, service, owner);
    }

    /**
     * Notes that nothing is left of a deleted instance, when that is so: then its keys are not needed any more.
     *
     * @return whether it ended just now
     */
    public boolean endWithoutBackups(long instance) {
        return table.endWithoutBackups(instance);
    }

    /** Whether an instance has anything that somebody could want to take over: a finished backup, or a passphrase. */
    public boolean hasAnythingToKeep(long instance) {
        return table.hasAnythingToKeep(instance);
    }

    /** Gives an instance to an owner, or with null to nobody. From then on its owner is known. */
    public void giveTo(long instance, @Nullable String owner) {
        table.giveTo(instance, owner);
    }

    /** Gives all instances of one owner to another, deleted ones too. Returns how many. */
    public int giveAll(String from, String to) {
        return table.giveAll(from, to);
    }

    /** Notes that nobody knows whose an instance is. */
    public void forgetOwner(long instance) {
        table.forgetOwner(instance);
    }

    /** The life of a name with this number, whatever became of it. */
    public Optional<Instance> find(String folder, int life) {
        return table.all(folder).stream().filter(each -> each.life() == life).findFirst();
    }

    /** All lives of a name, the newest first. */
    public List<Instance> all(String folder) {
        return table.all(folder);
    }
}
