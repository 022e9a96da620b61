package io.holdfast.manager.dashboard;

import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.cron.CronExpression;
import io.holdfast.manager.cron.CronSchedule;
import io.holdfast.manager.display.KeepCalendar;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.identity.Caller;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.policy.PlanChanges;
import io.holdfast.manager.retention.OwnRules;
import io.holdfast.manager.retention.RetentionPlans;
import io.holdfast.manager.schedule.Scheduler;
import io.holdfast.manager.wire.Lookup;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** When an instance is backed up and what is kept, with a preview. */
final class PlanPages {
    private static final int NEXT = 4;
    private static final OwnRules NONE = new OwnRules(null, null, null, null, null, null, null, null);

    private final Frames frames;
    private final PlanChanges changes;
    private final InstancePages pages;
    private final Lookup lookup;
    private final RetentionPlans plans;
    private final Scheduler scheduler;
    private final InstantSource clock;

    PlanPages(Frames frames, InstancePages pages, PlanChanges changes) {
        this.frames = frames;
        this.changes = changes;
        this.pages = pages;
        this.lookup = pages.lookup();
        this.plans = pages.plans();
        this.scheduler = pages.scheduler();
        this.clock = pages.clock();
    }

    void addTo(GuardedRoutes routes) {
        routes.page("/i/{id}/plan", Right.SEE, this::show)
                .form("/i/{id}/plan", Right.MANAGE, this::save)
                .form("/i/{id}/plan/preview", Right.SEE, this::preview);
    }

    private Reply show(Access access, Request request) {
        Instance instance = lookup.instance(request);
        boolean saved = request.parameters(Set.of("saved")).containsKey("saved");
        return draw(access, instance, PlanForm.of(instance, own(instance)), null, saved);
    }

    private static @Nullable OwnRules own(Instance instance) {
        return instance.retention() == null ? null : OwnRules.parse(instance.retention());
    }

    private Reply preview(Access access, Request request) throws IOException {
        Instance instance = lookup.instance(request);
        PlanForm form = request.read(PlanForm.class, GuardedRoutes.BODY);
        try {
            wish(access, instance, form);
            return draw(access, instance, form, null, false);
        } catch (HttpError e) {
            return draw(access, instance, form, e.getMessage(), false);
        }
    }

    private Reply save(Access access, Request request) throws IOException {
        Instance instance = lookup.active(lookup.instance(request));
        PlanForm form = request.read(PlanForm.class, GuardedRoutes.BODY);
        Wish wish;
        try {
            wish = wish(access, instance, form);
        } catch (HttpError e) {
            return draw(access, instance, form, e.getMessage(), false);
        }
        changes.make(
                instance,
                new PlanChanges.Change(
                        form.isExcluded(),
                        new PlanChanges.Schedule(wish.cron(), wish.zone()),
                        new PlanChanges.Rules(wish.own())));
        return Html.redirect("/i/" + instance.instanceId() + "/plan?saved=1");
    }

    /** What a form asks for, checked. */
    private record Wish(
            @Nullable String cron,
            @Nullable String zone,
            CronSchedule schedule,
            @Nullable OwnRules own,
            KeepRules rules) {}

    /** Whoever does not run the platform may not have backups made too often. */
    private Wish wish(Access access, Instance instance, PlanForm form) {
        Wish wish = wish(instance, form);
        boolean isTheirs = wish.cron() == null || wish.cron().equals(instance.scheduleCron());
        if (!isTheirs) {
            try {
                changes.requireAllowed(wish.schedule().cron(), access.caller() instanceof Caller.Operator);
            } catch (IllegalArgumentException e) {
                throw PlanForm.wrong("Times", e);
            }
        }
        return wish;
    }

    private Wish wish(Instance instance, PlanForm form) {
        String cron = form.ownCron();
        String zone = form.ownZone();
        OwnRules own = form.ownRules(own(instance));
        CronSchedule platform = scheduler.platform();
        try {
            return new Wish(
                    cron,
                    zone,
                    cron == null
                            ? platform
                            : new CronSchedule(
                                    CronExpression.parse(cron), zone == null ? platform.zone() : ZoneId.of(zone)),
                    own,
                    plans.rules(own == null ? NONE : own));
        } catch (IllegalArgumentException e) {
            throw PlanForm.wrong("Keep", e);
        }
    }

    private Reply draw(Access access, Instance instance, PlanForm form, @Nullable String problem, boolean saved) {
        Instant now = clock.instant();
        CronSchedule platform = scheduler.platform();
        List<Instant> next = new ArrayList<>();
        KeepCalendar calendar = null;
        if (problem == null) {
            Wish wish = wish(instance, form);
            if (!form.isExcluded()) {
                Optional<Instant> time = wish.schedule().next(now);
                while (time.isPresent() && next.size() < NEXT) {
                    next.add(time.get());
                    time = wish.schedule().next(time.get());
                }
            }
            calendar = KeepCalendar.of(
                    form.isExcluded()
                            ? List.of()
                            : RetentionPlans.kept(wish.rules(), KeepCalendar.past(wish.schedule(), now), now),
                    plans.verdicts(instance, wish.rules()),
                    wish.rules().zone(),
                    now);
        }
        PlanPage page = new PlanPage(
                pages.header(instance, access.may(Right.MANAGE, instance)),
                form,
                platform.cron().toString(),
                platform.zone().equals(ZoneOffset.UTC) ? "UTC" : platform.zone().getId(),
                plans.rules(NONE),
                next,
                calendar,
                problem,
                saved);
        Frame frame = frames.of(access, instance.instanceId() + ": schedule", Frame.Part.NONE);
        return Html.page(
                problem == null ? 200 : 400,
                frame,
                (output, forms) -> JteplanGenerated.render(output, forms, frame, page));
    }
}
