package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.deletion.InstanceDeletion;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Words;
import io.holdfast.manager.identity.Caller;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.InstanceOverview;
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.policy.PlanChanges;
import io.holdfast.manager.registration.InstanceChanges;
import io.holdfast.manager.registration.InstanceChanges.Registered;
import io.holdfast.manager.registration.InstanceChanges.Wish;
import io.holdfast.manager.registration.OwnershipRefused;
import io.holdfast.manager.registration.Registrant;
import io.holdfast.manager.schedule.Slots;
import io.holdfast.manager.wire.KeyViews;
import io.holdfast.manager.wire.Listing;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.manager.wire.PlanViews.SlotView;
import io.holdfast.manager.wire.Refusals;
import io.holdfast.manager.wire.Wire;
import io.holdfast.manager.wire.Wire.InstanceView;
import io.holdfast.manager.wire.Wire.OlderBackup;
import io.holdfast.manager.wire.Wire.RestoreView;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Instances and their keys, see {@code docs/api.md}. */
public final class InstancesApi {
    private final Lookup lookup;
    private final InstanceChanges changes;
    private final InstanceDeletion deletion;
    private final KeysApi keysApi;
    private final PlansApi plansApi;
    private final Slots slots;
    private final boolean downloads;
    private final Duration silence;

    /**
     * Makes it.
     *
     * @param downloads whether backups may be downloaded
     * @param silence how long an agent may be silent and still counts as there
     */
    public InstancesApi(
            Lookup lookup,
            InstanceChanges changes,
            InstanceDeletion deletion,
            KeysApi keysApi,
            PlansApi plansApi,
            Slots slots,
            boolean downloads,
            Duration silence) {
        this.lookup = lookup;
        this.changes = changes;
        this.deletion = deletion;
        this.keysApi = keysApi;
        this.plansApi = plansApi;
        this.slots = slots;
        this.downloads = downloads;
        this.silence = silence;
    }

    /** Adds the routes. */
    public void addTo(GuardedRoutes routes) {
        routes.get("/instances", Right.REGISTER, this::list)
                .get("/instances/{id}", Right.SEE, this::show)
                .put("/instances/{id}", Right.REGISTER, this::putOwn)
                .put("/v1/instances/{id}", Right.MANAGE, this::putPresent)
                .delete("/instances/{id}", Right.OWN, this::delete)
                .get("/instances/{id}/config", Right.SEE, this::config);
    }

    private Reply list(Access access, Request request) throws IOException {
        readNothing(request);
        return new Listing<>(
                        (after, most) -> lookup.instances()
                                .list(after, most, silence, access.onlyOf().orElse(null)),
                        InstanceOverview::instanceId,
                        InstanceView::of)
                .reply(request);
    }

    private Reply show(Access access, Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        return Reply.json(
                200,
                InstanceView.of(lookup.instances().overview(instance.id(), silence))
                        .with(
                                access.may(Right.OWN, instance),
                                plansApi.schedule(instance),
                                plansApi.nextStart(instance).orElse(null),
                                slots.latest(instance.id()).map(SlotView::of).orElse(null),
                                plansApi.rules(instance),
                                keysApi.standing(instance),
                                lookup.backups().list(instance.id()).stream()
                                        .map(row -> OlderBackup.of(instance.instanceId(), row, downloads))
                                        .toList(),
                                lookup.restores().list(instance.id()).stream()
                                        .map(RestoreView::of)
                                        .toList()));
    }

    /** What may be changed of an instance. */
    record InstanceChange(
            @Nullable Boolean excludeFromAutoBackup,
            @Nullable Boolean credentialsUpdatedByUser,
            @Nullable String service,
            @Nullable String encryptionKey,
            @Nullable String currentEncryptionKey,
            @Nullable String custody,
            @Nullable Boolean confirmCustody,
            @Nullable JsonNode schedule,
            @Nullable JsonNode retention) {}

    /** The answer to a change. */
    record Updated(String message, KeyViews.@Nullable StrengthView encryptionKeyStrength) {}

    private Reply putOwn(Access access, Request request) throws IOException {
        String id = request.variable("id");
        Lookup.requireId(id);
        Body body = read(access, request);
        try {
            Registrant by = new Registrant(access.caller().id(), access.caller() instanceof Caller.Operator);
            Registered registered = changes.register(by, id, body.service(), body.wish());
            return Reply.json(registered.added() ? 201 : 200, updated(body.wish()));
        } catch (OwnershipRefused e) {
            throw Refusals.told(e);
        } catch (EncryptionKeyRefused e) {
            throw Refusals.told(e);
        }
    }

    private Reply putPresent(Access access, Request request) throws IOException {
        Instance instance = lookup.instance(request);
        Wish wish = read(access, request).wish();
        try {
            changes.change(instance, wish);
            return Reply.json(200, updated(wish));
        } catch (EncryptionKeyRefused e) {
            throw Refusals.told(e);
        }
    }

    private static Updated updated(Wish wish) {
        String passphrase = wish.key().passphrase();
        return new Updated("instance updated", passphrase == null ? null : KeyViews.StrengthView.of(passphrase));
    }

    /** A {@code PUT}, checked. */
    private record Body(@Nullable String service, Wish wish) {}

    private Body read(Access access, Request request) throws IOException {
        InstanceChange change = request.read(InstanceChange.class, BODY);
        EncryptionKeys.Change key = keysApi.read(
                change.encryptionKey(), change.currentEncryptionKey(), change.custody(), change.confirmCustody());
        if (change.service() != null) {
            Words.require(change.service(), "service");
        }
        return new Body(
                change.service(),
                new Wish(
                        new PlanChanges.Change(
                                change.excludeFromAutoBackup(),
                                plansApi.readSchedule(access, change.schedule()),
                                plansApi.readRules(change.retention())),
                        key));
    }

    /** What happens to the backups of an instance that is deleted; it has to be said. */
    record DeletionRequest(
            @Nullable Boolean deleteBackups, @Nullable Boolean cancelJobs) {}

    private Reply delete(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        DeletionRequest wish = request.read(DeletionRequest.class, BODY);
        if (wish.deleteBackups() == null) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "field 'delete_backups' must be true or false",
                    "true deletes all of its backups now, false keeps them for some days");
        }
        if (!deletion.delete(instance, wish.deleteBackups(), Boolean.TRUE.equals(wish.cancelJobs()))) {
            throw new HttpError(
                    ErrorCode.LOCKED,
                    "a job of this instance is queued or running, or one of its backups is on hold",
                    "cancel the job (cancel_jobs: true), wait until it has ended and try again; release the hold");
        }
        return Reply.json(200, new Wire.Message("instance deleted"));
    }

    private Reply config(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        KeepRules rules = plansApi.keepRules(instance);
        return Reply.json(
                200,
                new Wire.ConfigView(
                        rules.minGoodCopies(),
                        Math.toIntExact(rules.within().toDays()),
                        keysApi.minLength(),
                        instance.excluded(),
                        "logical"));
    }
}
