package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.Caller;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
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
import io.holdfast.manager.database.Slots;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
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
    private final KeysApi keysApi;
    private final Deletion deletion;
    private final PlansApi plansApi;
    private final RetentionPlans plans;
    private final Scheduler scheduler;
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
            KeysApi keysApi,
            Deletion deletion,
            PlansApi plansApi,
            RetentionPlans plans,
            Scheduler scheduler,
            Slots slots,
            boolean downloads,
            Duration silence) {
        this.lookup = lookup;
        this.keysApi = keysApi;
        this.deletion = deletion;
        this.plansApi = plansApi;
        this.plans = plans;
        this.scheduler = scheduler;
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
                        Instances.Overview::instanceId,
                        InstanceView::of)
                .reply(request);
    }

    private Reply show(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        return Reply.json(
                200,
                InstanceView.of(lookup.instances().overview(instance.id(), silence))
                        .with(
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
        Wish wish = read(request);
        boolean added = register(access, id, wish.service());
        return Reply.json(added ? 201 : 200, change(lookup.instance(id), wish));
    }

    /** Adds an instance unless it is there; it is the caller's then, and stays the one's who had it first. */
    private boolean register(Access access, String id, @Nullable String service) {
        lookup.instances()
                .findWithBackups(id)
                .filter(each -> each.owner() != null)
                .ifPresent(each -> access.require(Right.OWN, each));
        boolean added = lookup.instances()
                .register(
                        id,
                        service == null ? "unknown" : service,
                        access.caller().id());
        if (!added && access.caller() instanceof Caller.Broker broker) {
            lookup.instances().takeWithoutOwner(id, broker.id());
        }
        access.require(Right.OWN, lookup.instance(id));
        return added;
    }

    private Reply putPresent(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        return Reply.json(200, change(instance, read(request)));
    }

    /** What a {@code PUT} wants, checked. */
    private record Wish(
            @Nullable Boolean excluded, @Nullable String service, PlansApi.Change plan, EncryptionKeys.Change key) {}

    private Wish read(Request request) throws IOException {
        InstanceChange change = request.read(InstanceChange.class, BODY);
        EncryptionKeys.Change key = keysApi.read(
                change.encryptionKey(), change.currentEncryptionKey(), change.custody(), change.confirmCustody());
        if (change.service() != null) {
            Wire.requireWord(change.service(), "service");
        }
        return new Wish(
                change.excludeFromAutoBackup(),
                change.service(),
                plansApi.read(change.schedule(), change.retention()),
                key);
    }

    private Updated change(Instance instance, Wish wish) {
        if (wish.excluded() != null) {
            lookup.instances().setExcluded(instance.id(), wish.excluded());
        }
        plansApi.apply(instance, wish.plan());
        // Last: it may be refused, and what stands before it can be repeated.
        return new Updated("instance updated", keysApi.apply(instance, wish.key()));
    }

    /** What happens to the backups of an instance that is deleted; it has to be said. */
    record InstanceDeletion(@Nullable Boolean deleteBackups) {}

    private Reply delete(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        InstanceDeletion wish = request.read(InstanceDeletion.class, BODY);
        if (wish.deleteBackups() == null) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "field 'delete_backups' must be true or false",
                    "true deletes all of its backups now, false keeps them for some days");
        }
        boolean deleted = wish.deleteBackups()
                ? deletion.beginWith(instance)
                : lookup.instances().markDeleted(instance.id(), true);
        if (!deleted) {
            throw new HttpError(
                    ErrorCode.LOCKED,
                    "a job of this instance is queued or running, or somebody holds a backup of it",
                    "cancel it, or wait for its end; release the hold");
        }
        if (wish.deleteBackups()) {
            deletion.removeAll(instance);
        }
        lookup.instances().forgetWithoutBackups(instance.id());
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
