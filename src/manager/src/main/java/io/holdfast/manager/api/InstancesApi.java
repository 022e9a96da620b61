package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.api.InstanceChanges.Registered;
import io.holdfast.manager.api.InstanceChanges.Wish;
import io.holdfast.manager.api.PlanViews.RulesView;
import io.holdfast.manager.api.PlanViews.ScheduleView;
import io.holdfast.manager.api.PlanViews.SlotView;
import io.holdfast.manager.api.Wire.InstanceView;
import io.holdfast.manager.api.Wire.OlderBackup;
import io.holdfast.manager.api.Wire.RestoreView;
import io.holdfast.manager.backup.Deletion;
import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.database.Instances;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.Lives;
import io.holdfast.manager.database.Slots;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.retention.RetentionPlans;
import io.holdfast.manager.schedule.Scheduler;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Instances and their keys, see {@code docs/api.md}. */
public final class InstancesApi {
    private final Lookup lookup;
    private final InstanceChanges changes;
    private final Lives lives;
    private final Ownership ownership;
    private final KeysApi keysApi;
    private final Deletion deletion;
    private final PlansApi plansApi;
    private final RetentionPlans plans;
    private final Scheduler scheduler;
    private final Slots slots;
    private final JobQueue queue;
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
            Lives lives,
            Ownership ownership,
            KeysApi keysApi,
            Deletion deletion,
            PlansApi plansApi,
            RetentionPlans plans,
            Scheduler scheduler,
            Slots slots,
            JobQueue queue,
            boolean downloads,
            Duration silence) {
        this.lookup = lookup;
        this.changes = changes;
        this.lives = lives;
        this.ownership = ownership;
        this.keysApi = keysApi;
        this.deletion = deletion;
        this.plansApi = plansApi;
        this.plans = plans;
        this.scheduler = scheduler;
        this.slots = slots;
        this.queue = queue;
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
                .put("/instances/{id}/owner", Right.OPERATE, this::giveTo)
                .post("/owners/{owner}/hand-over", Right.OPERATE, this::giveAll)
                .get("/instances/{id}/config", Right.SEE, this::config);
    }

    private Reply list(Access access, Request request) throws IOException {
        readNothing(request);
        return new Listing<>(
                        (after, most) -> lookup.instances()
                                .list(after, most, silence, access.onlyOf().orElse(null)),
                        Instances.Overview::instanceId,
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
                                ScheduleView.of(scheduler.schedule(instance), instance.scheduleCron() != null),
                                scheduler.nextStart(instance).orElse(null),
                                slots.latest(instance.id()).map(SlotView::of).orElse(null),
                                RulesView.of(plans.rules(instance), instance.retention() != null),
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
    record Updated(String message, KeysApi.@Nullable StrengthView encryptionKeyStrength) {}

    private Reply putOwn(Access access, Request request) throws IOException {
        String id = request.variable("id");
        Lookup.requireId(id);
        Body body = read(access, request);
        try {
            Registered registered = changes.register(access, id, body.service(), body.wish());
            return Reply.json(registered.added() ? 201 : 200, updated(body.wish()));
        } catch (EncryptionKeyRefused e) {
            throw EncryptionKeyErrors.told(e);
        }
    }

    private Reply putPresent(Access access, Request request) throws IOException {
        Instance instance = lookup.instance(request);
        Wish wish = read(access, request).wish();
        try {
            changes.change(instance, wish);
            return Reply.json(200, updated(wish));
        } catch (EncryptionKeyRefused e) {
            throw EncryptionKeyErrors.told(e);
        }
    }

    private static Updated updated(Wish wish) {
        String passphrase = wish.key().passphrase();
        return new Updated("instance updated", passphrase == null ? null : KeysApi.StrengthView.of(passphrase));
    }

    /** A {@code PUT}, checked. */
    private record Body(@Nullable String service, Wish wish) {}

    private Body read(Access access, Request request) throws IOException {
        InstanceChange change = request.read(InstanceChange.class, BODY);
        EncryptionKeys.Change key = keysApi.read(
                change.encryptionKey(), change.currentEncryptionKey(), change.custody(), change.confirmCustody());
        if (change.service() != null) {
            Wire.requireWord(change.service(), "service");
        }
        return new Body(
                change.service(),
                new Wish(
                        change.excludeFromAutoBackup(),
                        plansApi.readSchedule(access, change.schedule()),
                        plansApi.readRules(change.retention()),
                        key));
    }

    /** Whose an instance is to be. */
    record OwnerChange(@Nullable JsonNode owner) {}

    private Reply giveTo(Request request) throws IOException {
        String id = request.variable("id");
        Lookup.requireId(id);
        // Also one of which only the tombstone is left: its id is taken as long.
        Instance instance = lookup.instances().findAlsoDeleted(id).orElseThrow(Lookup::noSuchInstance);
        JsonNode wanted = request.read(OwnerChange.class, BODY).owner();
        if (wanted == null || !(wanted.isNull() || wanted.isString())) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "field 'owner' is missing or has the wrong type",
                    "name a broker or an operator, or null for nobody");
        }
        String owner = wanted.isNull() ? null : wanted.asString();
        if (owner != null) {
            ownership.requireKnown(owner);
        }
        lives.giveTo(instance.id(), owner);
        return Reply.json(
                200, new Wire.Message(owner == null ? "instance has no owner" : "instance given to " + owner));
    }

    /** Who has the instances from now on. */
    record HandOver(@Nullable String to) {}

    /** How many were handed over. */
    record HandedOver(String message, int instances) {}

    private Reply giveAll(Request request) throws IOException {
        String from = request.variable("owner");
        String to = request.read(HandOver.class, BODY).to();
        if (to == null) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field 'to' is missing or has the wrong type");
        }
        ownership.requireKnown(to);
        int instances = lives.giveAll(from, to);
        return Reply.json(200, new HandedOver("instances of " + from + " given to " + to, instances));
    }

    /** What happens to the backups of an instance that is deleted; it has to be said. */
    record InstanceDeletion(
            @Nullable Boolean deleteBackups, @Nullable Boolean cancelJobs) {}

    private Reply delete(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        InstanceDeletion wish = request.read(InstanceDeletion.class, BODY);
        if (wish.deleteBackups() == null) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "field 'delete_backups' must be true or false",
                    "true deletes all of its backups now, false keeps them for some days");
        }
        if (Boolean.TRUE.equals(wish.cancelJobs())) {
            queue.cancelAll(instance);
        }
        boolean deleted = wish.deleteBackups() ? deletion.beginWith(instance) : lives.delete(instance.id(), true);
        if (!deleted) {
            throw new HttpError(
                    ErrorCode.LOCKED,
                    "a job of this instance is queued or running, or somebody holds a backup of it",
                    "cancel it (cancel_jobs: true), then wait for its end and ask again; release the hold");
        }
        if (wish.deleteBackups()) {
            deletion.removeAll(instance);
        }
        lives.endWithoutBackups(instance.id());
        return Reply.json(200, new Wire.Message("instance deleted"));
    }

    private Reply config(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        KeepRules rules = plans.rules(instance);
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
