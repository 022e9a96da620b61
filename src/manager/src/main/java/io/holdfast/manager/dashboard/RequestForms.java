package io.holdfast.manager.dashboard;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupRequests;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.restore.RestoreRefused;
import io.holdfast.manager.restore.RestoreRequests;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.manager.wire.Refusals;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What the forms for a backup and for a restore post. */
public final class RequestForms {
    private final Lookup lookup;
    private final BackupRequests backups;
    private final RestoreRequests restores;

    public RequestForms(Lookup lookup, BackupRequests backups, RestoreRequests restores) {
        this.lookup = lookup;
        this.backups = backups;
        this.restores = restores;
    }

    /** Adds the routes. */
    public void addTo(GuardedRoutes routes) {
        routes.form("/i/{id}/backups", Right.MANAGE, (_, request) -> backUp(request))
                .form("/i/{id}/backups/{n}/restore", Right.MANAGE, (_, request) -> restore(request));
    }

    private Reply backUp(Request request) throws IOException {
        Instance instance = lookup.active(lookup.instance(request));
        readNothing(request);
        backups.queue(instance);
        return Html.redirect("/i/" + instance.instanceId());
    }

    /**
     * The form for a restore.
     *
     * @param confirmInstance the instance's name as a person has typed it
     * @param skipBroken whether parts that cannot come back are left out: there or not
     */
    record RestoreForm(
            @Nullable String confirmInstance,
            @Nullable String encryptionKey,
            @Nullable String skipBroken) {}

    private Reply restore(Request request) throws IOException {
        Instance instance = lookup.active(lookup.instance(request));
        Backup backup = lookup.backup(request);
        RestoreForm form = request.read(RestoreForm.class, BODY);
        String typed =
                form.confirmInstance() == null ? "" : form.confirmInstance().strip();
        if (!typed.equals(instance.instanceId())) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "what was typed is not the name of the instance whose data would be replaced",
                    "type its name as its page shows it; nothing was changed");
        }
        try {
            restores.prepare(instance, backup, form.encryptionKey(), form.skipBroken() != null)
                    .queue();
        } catch (EncryptionKeyRefused e) {
            throw Refusals.told(e);
        } catch (RestoreRefused e) {
            throw Refusals.told(e);
        }
        return Html.redirect("/i/" + instance.instanceId());
    }
}
