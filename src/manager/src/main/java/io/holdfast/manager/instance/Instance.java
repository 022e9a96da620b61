package io.holdfast.manager.instance;

import io.holdfast.format.instance.Custody;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An instance.
 *
 * @param id the manager's number
 * @param instanceId the name that the service broker gave it
 * @param service the adapter's name, such as {@code postgresql}; {@code unknown} until an agent has told
 * @param excluded whether "back up everything" and the schedule pass it over
 * @param deletedAt when it was deleted, or null
 * @param backupsKept whether it was deleted, but not yet its backups
 * @param retention its own rules, as JSON, or null for the platform's
 * @param owner who registered it, or null when nobody but its own agent did
 * @param ownerUnknown whether nobody knows whose it is, so that no broker takes it
 * @param life which life of its name it is, from 1
 * @param folder its name in the store: {@code instanceId}, which of a life that another one has followed is no id
 * @param custody who keeps its keys
 * @param nextKeyVersion what number its next key version has
 * @param revision how often what its record says was changed
 * @param storedRevision which of these the store has
 * @param ended whether it was deleted and nothing is left of it
 */
public record Instance(
        long id,
        String instanceId,
        String service,
        boolean excluded,
        Instant createdAt,
        @Nullable Instant deletedAt,
        boolean backupsKept,
        @Nullable String scheduleCron,
        @Nullable String scheduleTimeZone,
        @Nullable String retention,
        @Nullable String owner,
        boolean ownerUnknown,
        int life,
        String folder,
        Custody custody,
        int nextKeyVersion,
        long revision,
        long storedRevision,
        boolean ended) {
    /** Whether no later life has its name. */
    public boolean isNewestLife() {
        return instanceId.equals(folder);
    }
}
