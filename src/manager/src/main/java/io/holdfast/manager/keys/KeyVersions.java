package io.holdfast.manager.keys;

import io.holdfast.manager.instance.Revisions;
import io.holdfast.manager.sql.Database;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The instances' key versions, wrapped. What changes one raises the revision of its instance, so that the instance's
 * record in the store follows ({@link Revisions}).
 */
public final class KeyVersions {
    final KeyVersionTable table;

    public KeyVersions(Database database) {
        this.table = new KeyVersionTable(database);
    }

    /**
     * Takes in a version that a signed file of the store speaks for, in place of the one that is here.
     *
     * @param segmentSecret as {@link KeyVersion} has it
     * @param adopted whether that is only a manifest
     */
    public void takeIn(
            long instance,
            int version,
            String recipient,
            KeyCopies copies,
            @Nullable Wrapped segmentSecret,
            boolean adopted,
            Instant createdAt) {
        table.takeIn(instance, version, recipient, copies, segmentSecret, adopted, createdAt);
    }

    /** All versions of an instance, newest first. */
    public List<KeyVersion> list(long instance) {
        return table.list(instance);
    }

    /** Whether another instance, or another life, has a key version with this recipient. */
    public boolean isOfAnother(long instance, String recipient) {
        return table.isOfAnother(instance, recipient);
    }
}
