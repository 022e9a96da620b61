package io.holdfast.manager.wire;

import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.restore.RestoreRefused;
import io.holdfast.manager.restore.RestoreRequests;
import org.jspecify.annotations.Nullable;

/** A restore that is asked for by a request, for all who take such requests. */
public final class Restoring {
    private Restoring() {}

    /** Gets a restore ready; what prevents it becomes the error that clients know. */
    public static RestoreRequests.Prepared prepared(
            RestoreRequests requests,
            Instance instance,
            Backup backup,
            @Nullable String passphrase,
            boolean skipBroken) {
        try {
            return requests.prepare(instance, backup, passphrase, skipBroken);
        } catch (EncryptionKeyRefused e) {
            throw Refusals.told(e);
        }
    }

    /** Queues it. Returns its number. */
    public static long queued(RestoreRequests.Prepared restore) {
        try {
            return restore.queue();
        } catch (RestoreRefused e) {
            throw Refusals.told(e);
        }
    }
}
