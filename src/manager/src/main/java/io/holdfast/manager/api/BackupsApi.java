package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupRequests;
import io.holdfast.manager.backup.Hold;
import io.holdfast.manager.deletion.Deletion;
import io.holdfast.manager.deletion.SegmentsInDoubt;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.retention.RetentionPlans;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.verification.Verifications;
import io.holdfast.manager.wire.Listing;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.manager.wire.Wire;
import io.holdfast.manager.wire.Wire.BackupView;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Backups, also in the legacy a9s API, see {@code docs/api.md}. */
public final class BackupsApi {
    private final Lookup lookup;
    private final BackupRequests requests;
    private final Verifications verifications;
    private final JobQueue queue;
    private final Deletion deletion;
    private final RetentionPlans plans;
    private final boolean downloads;
    private final InstantSource clock;

    /**
     * Makes it.
     *
     * @param downloads whether backups may be downloaded
     * @param clock the database's
     */
    public BackupsApi(
            Lookup lookup,
            BackupRequests requests,
            Verifications verifications,
            JobQueue queue,
            Deletion deletion,
            RetentionPlans plans,
            boolean downloads,
            InstantSource clock) {
        this.lookup = lookup;
        this.requests = requests;
        this.verifications = verifications;
        this.queue = queue;
        this.deletion = deletion;
        this.plans = plans;
        this.downloads = downloads;
        this.clock = clock;
    }

    /** Adds the routes. */
    public void addTo(GuardedRoutes routes) {
        routes.post("/instances/{id}/backups", Right.MANAGE, this::start)
                .get("/instances/{id}/backups", Right.SEE, this::list)
                .get("/instances/{id}/backups/{n}", Right.SEE, this::show)
                .delete("/instances/{id}/backups/{n}", Right.MANAGE, this::delete)
                .post("/instances/{id}/backups/{n}/cancel", Right.MANAGE, this::cancel)
                .post("/instances/{id}/cancel", Right.MANAGE, this::cancelAll)
                .post("/instances/{id}/backups/{n}/verify", Right.MANAGE, this::verify);
    }

    /**
     * The body of a backup.
     *
     * @param fresh whether it brings all of its segments, instead of using those of an earlier one; null means no
     */
    private record BackupRequest(@Nullable Boolean fresh) {}

    private Reply start(Request request) throws IOException {
        Instance instance = lookup.active(request);
        BackupRequest body = request.read(BackupRequest.class, BODY);
        return Wire.queued(
                Boolean.TRUE.equals(body.fresh()) ? requests.queueFresh(instance) : requests.queue(instance));
    }

    private Reply list(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        Map<Long, Instant> estimates = plans.plan(instance).estimates();
        return new Listing<>(
                        (after, most) -> lookup.backups().list(instance.id(), Listing.before(after), most),
                        row -> Long.toString(row.id()),
                        (Backup row) -> BackupView.of(row, downloads, estimates.get(row.id())))
                .reply(request);
    }

    private Reply show(Request request) throws IOException {
        Backup backup = lookup.backup(request);
        readNothing(request);
        Instance instance = lookup.instance(request);
        return Reply.json(
                200,
                BackupView.withArtifacts(
                        backup,
                        downloads,
                        plans.plan(instance).estimates().get(backup.id()),
                        lookup.backups().manifest(backup.id()).orElse(null)));
    }

    private Reply delete(Request request) throws IOException {
        Backup backup = lookup.backup(request);
        readNothing(request);
        if (!deletion.begin(backup)) {
            throw whyNotDeleted(backup);
        }
        try {
            deletion.remove(backup);
        } catch (StoreException e) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "the store could not delete the backup: " + e.getMessage(),
                    "it is marked as deleted; its objects are removed when the store works again");
        } catch (SegmentsInDoubt e) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "the segments of the backup cannot be removed yet: " + e.getMessage(),
                    "it is marked as deleted; bring the catalogue up to date by rebuild, or delete that manifest if"
                            + " somebody else put it there: its segments are removed then");
        }
        return Reply.json(200, new Wire.Message("backup deleted"));
    }

    private HttpError whyNotDeleted(Backup backup) {
        Hold hold = backup.hold();
        if (hold != null && hold.isAt(clock.instant())) {
            return new HttpError(
                    ErrorCode.LOCKED, "this backup is on hold: " + hold.reason(), "release the hold first");
        }
        boolean used = lookup.restores().list(backup.instance()).stream()
                .anyMatch(each -> each.backup() == backup.id()
                        && (each.job().state() == JobState.QUEUED || each.job().state() == JobState.RUNNING));
        if (used) {
            return new HttpError(
                    ErrorCode.LOCKED, "a restore uses this backup", "wait for the restore to end, or cancel it");
        }
        Optional<String> borrower = deletion.borrower(backup);
        if (borrower.isPresent()) {
            return new HttpError(
                    ErrorCode.LOCKED,
                    "this backup is lent to backup " + borrower.get() + ", which is being made",
                    "wait for that backup to end, or cancel it");
        }
        return switch (backup.state()) {
            case PENDING, UPLOADED, FAILED, DELETING, DELETED ->
                new HttpError(ErrorCode.NOT_FOUND, "there is no such finished backup");
            case DONE, VERIFIED, SUSPECT ->
                new HttpError(
                        ErrorCode.LAST_GOOD_BACKUP,
                        "the instance would be left without a good backup",
                        "make another backup first");
        };
    }

    private Reply cancel(Request request) throws IOException {
        Backup backup = lookup.backup(request);
        readNothing(request);
        return Wire.cancelled(queue.cancel(backup.job().id()));
    }

    record CancelledAll(String message, int jobs) {}

    private Reply cancelAll(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        return Reply.json(202, new CancelledAll("cancel requested", queue.cancelAll(instance)));
    }

    private Reply verify(Request request) throws IOException {
        Backup backup = lookup.backup(request);
        readNothing(request);
        if (!verifications.request(backup)) {
            throw new HttpError(
                    ErrorCode.BACKUP_NON_RESTORABLE_STATE, "the backup is not finished, so there is nothing to verify");
        }
        return Reply.json(202, new Wire.Message("verification is queued"));
    }
}
