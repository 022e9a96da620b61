package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.deletion.DeletionPreview;
import io.holdfast.manager.deletion.SegmentsInDoubt;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.verification.UnreadableBackup;
import io.holdfast.manager.wire.Lookup;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What the deletion of a backup would free, see {@code docs/api.md}. */
public final class DeletionPreviewApi {
    private final Lookup lookup;
    private final DeletionPreview preview;

    public DeletionPreviewApi(Lookup lookup, DeletionPreview preview) {
        this.lookup = lookup;
        this.preview = preview;
    }

    /** Adds the route. */
    public void addTo(GuardedRoutes routes) {
        routes.get("/instances/{id}/backups/{n}/deletion", Right.SEE, this::show);
    }

    /**
     * What is known of it.
     *
     * @param freesBytes null when that is not known
     * @param unknownBecause why it is not known; null when it is
     */
    private record Freed(
            @Nullable Long freesBytes, @Nullable String unknownBecause) {}

    private Reply show(Request request) throws IOException {
        Backup backup = lookup.backup(request);
        readNothing(request);
        if (!backup.state().isListed()) {
            throw new HttpError(ErrorCode.NOT_FOUND, "there is no such finished backup");
        }
        try {
            return Reply.json(200, new Freed(preview.freedBytes(lookup.instance(request), backup), null));
        } catch (SegmentsInDoubt | UnreadableBackup e) {
            return Reply.json(200, new Freed(null, e.getMessage()));
        } catch (StoreException e) {
            return Reply.json(200, new Freed(null, "the store cannot be read now: " + e.getMessage()));
        }
    }
}
