package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.format.json.Json;
import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.cron.CronExpression;
import io.holdfast.manager.cron.CronSchedule;
import io.holdfast.manager.deletion.Holds;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.identity.Caller;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.policy.PlanChanges;
import io.holdfast.manager.policy.PlanChanges.Rules;
import io.holdfast.manager.policy.PlanChanges.Schedule;
import io.holdfast.manager.retention.OwnRules;
import io.holdfast.manager.retention.RetentionPlans;
import io.holdfast.manager.schedule.Scheduler;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.manager.wire.PlanViews.RetentionView;
import io.holdfast.manager.wire.PlanViews.RulesView;
import io.holdfast.manager.wire.PlanViews.ScheduleView;
import io.holdfast.manager.wire.Wire;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Schedules, rules and holds, see {@code docs/api.md}. */
public final class PlansApi {
    private static final int LONGEST_REASON = 500;

    private final Lookup lookup;
    private final RetentionPlans plans;
    private final Scheduler scheduler;
    private final PlanChanges changes;
    private final Holds holds;
    private final InstantSource clock;

    /**
     * Makes it.
     *
     * @param clock the database's
     */
    public PlansApi(
            Lookup lookup,
            RetentionPlans plans,
            Scheduler scheduler,
            PlanChanges changes,
            Holds holds,
            InstantSource clock) {
        this.lookup = lookup;
        this.plans = plans;
        this.scheduler = scheduler;
        this.changes = changes;
        this.holds = holds;
        this.clock = clock;
    }

    /** Adds the routes. */
    public void addTo(GuardedRoutes routes) {
        routes.get("/instances/{id}/retention", Right.SEE, this::retention)
                .post("/instances/{id}/backups/{n}/hold", Right.MANAGE, this::hold)
                .delete("/instances/{id}/backups/{n}/hold", Right.MANAGE, this::release);
    }

    /** When an instance is backed up. */
    ScheduleView schedule(Instance instance) {
        return ScheduleView.of(scheduler.schedule(instance), instance.scheduleCron() != null);
    }

    /** When its next backup starts; empty when none does. */
    Optional<Instant> nextStart(Instance instance) {
        return scheduler.nextStart(instance);
    }

    /** Which of its backups are kept. */
    RulesView rules(Instance instance) {
        return RulesView.of(keepRules(instance), instance.retention() != null);
    }

    KeepRules keepRules(Instance instance) {
        return plans.rules(instance);
    }

    private Reply retention(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        return Reply.json(200, RetentionView.of(plans.plan(instance), instance.retention() != null));
    }

    /** Why a backup is to stay, and until when. */
    record HoldRequest(@Nullable String reason, @Nullable Instant expiresAt) {}

    private Reply hold(Request request) throws IOException {
        Backup backup = lookup.backup(request);
        HoldRequest wish = request.read(HoldRequest.class, BODY);
        String reason = wish.reason() == null ? "" : wish.reason().strip();
        if (reason.isEmpty() || reason.length() > LONGEST_REASON) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST, "field 'reason' must have 1 to " + LONGEST_REASON + " characters");
        }
        if (wish.expiresAt() != null && !wish.expiresAt().isAfter(clock.instant())) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field 'expires_at' is not in the future");
        }
        if (!holds.hold(backup, reason, wish.expiresAt())) {
            throw new HttpError(ErrorCode.NOT_FOUND, "there is no such finished backup");
        }
        return Reply.json(200, new Wire.Message("backup held"));
    }

    private Reply release(Request request) throws IOException {
        Backup backup = lookup.backup(request);
        readNothing(request);
        holds.release(backup);
        return Reply.json(200, new Wire.Message("hold released"));
    }

    /** The field {@code schedule} of a {@code PUT}: null where it is not there; one that is null asks for the platform's. */
    @Nullable Schedule readSchedule(Access access, @Nullable JsonNode schedule) {
        return schedule == null ? null : schedule(access, schedule);
    }

    /** The same for the field {@code retention}. */
    @Nullable Rules readRules(@Nullable JsonNode retention) {
        return retention == null ? null : rules(retention);
    }

    /** A schedule as it is written in a body. */
    private record ScheduleBody(
            @Nullable String cron, @Nullable String timeZone) {}

    private Schedule schedule(Access access, JsonNode node) {
        if (node.isNull()) {
            return new Schedule(null, null);
        }
        ScheduleBody wish = parse(node, ScheduleBody.class, "schedule");
        String cron = wish.cron();
        if (cron == null) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field 'schedule.cron' is missing or has the wrong type");
        }
        String zone = wish.timeZone();
        return new Schedule(
                checked("schedule.cron", () -> {
                    CronExpression expression = CronExpression.parse(cron);
                    changes.requireAllowed(expression, access.caller() instanceof Caller.Operator);
                    return expression.toString();
                }),
                zone == null
                        ? null
                        : checked(
                                "schedule.time_zone",
                                () -> CronSchedule.zone(zone).getId()));
    }

    private Rules rules(JsonNode node) {
        if (node.isNull()) {
            return new Rules(null);
        }
        OwnRules own = parse(node, OwnRules.class, "retention");
        return checked("retention", () -> {
            changes.requireAllowed(own);
            return new Rules(own);
        });
    }

    private interface Check<T> {
        T get();
    }

    private static <T> T checked(String field, Check<T> check) {
        try {
            return check.get();
        } catch (IllegalArgumentException e) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field '" + field + "': " + e.getMessage());
        }
    }

    private static <T> T parse(JsonNode node, Class<T> type, String field) {
        try {
            return Json.mapper().treeToValue(node, type);
        } catch (JacksonException e) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "field '" + field + "' has an unknown field in it, or one of the wrong type");
        }
    }
}
