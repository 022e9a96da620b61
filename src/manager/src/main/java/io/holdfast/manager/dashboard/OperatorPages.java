package io.holdfast.manager.dashboard;

import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.agents.Agent;
import io.holdfast.manager.agents.AgentIdentity;
import io.holdfast.manager.agents.RefusedAgents;
import io.holdfast.manager.fleet.Protection;
import io.holdfast.manager.fleet.Protection.Counts;
import io.holdfast.manager.fleet.Protection.Place;
import io.holdfast.manager.fleet.Protection.Schedule;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.identity.Caller;
import io.holdfast.manager.jobs.Pauses;
import io.holdfast.manager.schedule.Scheduler;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What those who run the platform look after: all instances, jobs, agents, the store. */
final class OperatorPages {
    private static final int PAGE = 50;
    private static final int MOST_SCHEDULES = 100;
    private static final int MOST_JOBS = 200;
    /** Counting looks at every instance. */
    private static final Duration COUNTS_LAST = Duration.ofSeconds(10);

    private static final Pattern PLACE =
            Pattern.compile("(?<rank>[0-2])/(?<good>[0-9]{1,15})/(?<name>" + AgentIdentity.INSTANCE_ID + ")");
    private static final Pattern AGENT =
            Pattern.compile("(?<instance>" + AgentIdentity.INSTANCE_ID + ")/(?<position>[0-9]{1,4})");

    private final Frames frames;
    private final InstancePages instances;
    private final Protection protection;
    private final Scheduler scheduler;
    private final Duration silence;
    private final Fleet fleet;
    private final AtomicReference<@Nullable Summary> counted = new AtomicReference<>();

    OperatorPages(Frames frames, InstancePages instances, Fleet fleet) {
        this.frames = frames;
        this.instances = instances;
        this.fleet = fleet;
        this.protection = instances.protection();
        this.scheduler = instances.scheduler();
        this.silence = instances.silence();
    }

    void addTo(GuardedRoutes routes) {
        routes.page("/", Right.CALL, this::overview)
                .page("/o/jobs", Right.OPERATE, this::jobs)
                .form("/o/jobs/{n}/cancel", Right.OPERATE, this::cancel)
                .form("/o/jobs/{n}/first", Right.OPERATE, this::first)
                .page("/o/agents", Right.OPERATE, this::agents)
                .page("/o/store", Right.OPERATE, this::store);
    }

    /**
     * The numbers above the list.
     *
     * @param overdue how many instances have good backups, but none since their schedule's time
     */
    record Summary(Instant at, Counts counts, int overdue) {}

    /** An instance in the list. */
    record Line(Protection.Row row, State state) {}

    /**
     * All instances.
     *
     * @param search what names must have in them, or empty
     * @param more address of the next page, or null
     */
    record Overview(
            Instant now,
            Summary summary,
            List<Line> lines,
            String search,
            boolean first,
            @Nullable String more) {}

    private Reply overview(Access access, Request request) {
        Map<String, String> wish = request.parameters(Set.of("q", "after"));
        String search = wish.getOrDefault("q", "").strip();
        if (!(access.caller() instanceof Caller.Operator)) {
            return welcome(access, search);
        }
        Instant now = instances.clock().instant();
        Place after = place(wish.getOrDefault("after", ""));
        List<Protection.Row> found = protection.list(search, after, PAGE + 1, silence);
        List<Line> shown = found.stream()
                .limit(PAGE)
                .map(row -> new Line(row, state(row, now)))
                .toList();
        Overview page = new Overview(
                now,
                summary(now),
                shown,
                search,
                after.equals(Place.FIRST),
                found.size() > PAGE
                        ? "/?q=" + encoded(search) + "&after="
                                + encoded(text(found.get(PAGE - 1).place()))
                        : null);
        Frame frame = frames.of(access, "Instances", Frame.Part.OVERVIEW);
        return Html.page(200, frame, (output, forms) -> JteoverviewGenerated.render(output, forms, frame, page));
    }

    /** For an app developer, whose instances only the platform could list. */
    private Reply welcome(Access access, String wanted) {
        if (AgentIdentity.INSTANCE_ID.matcher(wanted).matches()) {
            return Html.redirect("/i/" + wanted);
        }
        Frame frame = frames.of(access, "Your service instance", Frame.Part.NONE);
        return Html.page(200, frame, (output, forms) -> JtewelcomeGenerated.render(output, forms, frame, wanted));
    }

    private State state(Protection.Row row, Instant now) {
        return State.ofInstance(
                row.deletedAt() != null,
                row.excluded(),
                row.createdAt(),
                row.lastGoodBackupAt(),
                scheduler
                        .wantedBy(row.scheduleCron(), row.scheduleTimeZone(), now)
                        .orElse(null),
                row.lastState());
    }

    private Summary summary(Instant now) {
        Summary last = counted.get();
        if (last != null && !now.isBefore(last.at()) && now.isBefore(last.at().plus(COUNTS_LAST))) {
            return last;
        }
        Map<Schedule, Instant> due = new HashMap<>();
        for (Schedule each : protection.schedules(MOST_SCHEDULES)) {
            scheduler
                    .wantedBy(each.scheduleCron(), each.scheduleTimeZone(), now)
                    .ifPresent(time -> due.put(each, time));
        }
        Summary summary = new Summary(now, protection.counts(silence), protection.overdue(due));
        counted.set(summary);
        return summary;
    }

    private static Place place(String after) {
        Matcher place = PLACE.matcher(after);
        if (after.isEmpty()) {
            return Place.FIRST;
        }
        if (!place.matches()) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "parameter 'after' is not a place in the list");
        }
        return new Place(
                Integer.parseInt(place.group("rank")), Long.parseLong(place.group("good")), place.group("name"));
    }

    private static String text(Place place) {
        return place.rank() + "/" + place.good() + "/" + place.instanceId();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private Reply jobs(Access access, Request request) {
        Instant now = instances.clock().instant();
        List<JobView> jobs = instances.allJobs(MOST_JOBS, now);
        List<Pauses.Pause> stopped = fleet.pauses().list();
        Counts counts = protection.counts(silence);
        Frame frame = frames.of(access, "Jobs", Frame.Part.JOBS);
        return Html.page(
                200,
                frame,
                (output, forms) -> JtequeueGenerated.render(output, forms, frame, jobs, stopped, counts, now));
    }

    private Reply cancel(Access access, Request request) throws IOException {
        readNothing(request);
        long job = job(request);
        if (!fleet.queue().cancel(job)) {
            throw notCancellable();
        }
        return Html.redirect("/o/jobs");
    }

    /** It has gone too far. */
    static HttpError notCancellable() {
        return new HttpError(
                ErrorCode.NOT_CANCELLABLE,
                "it has ended, or is past the point where it can be cancelled",
                "look at its state");
    }

    private Reply first(Access access, Request request) throws IOException {
        readNothing(request);
        if (!fleet.queue().move(job(request), true)) {
            throw new HttpError(ErrorCode.NOT_FOUND, "there is no such waiting job");
        }
        return Html.redirect("/o/jobs");
    }

    private long job(Request request) {
        return fleet.queue()
                .find(request.number("n"))
                .orElseThrow(() -> new HttpError(ErrorCode.NOT_FOUND, "there is no such job"))
                .id();
    }

    /** Some of the agents. */
    record AgentList(List<Agent> agents, @Nullable String more, List<RefusedAgents.Refused> refused, Instant now) {}

    private Reply agents(Access access, Request request) {
        Instant now = instances.clock().instant();
        String after = request.parameters(Set.of("after")).getOrDefault("after", "");
        Matcher name = AGENT.matcher(after);
        if (!after.isEmpty() && !name.matches()) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "parameter 'after' is not an agent's name");
        }
        List<Agent> found = after.isEmpty()
                ? fleet.agents().list("", 0, PAGE + 1, silence)
                : fleet.agents()
                        .list(name.group("instance"), Integer.parseInt(name.group("position")), PAGE + 1, silence);
        List<Agent> shown = found.subList(0, Math.min(PAGE, found.size()));
        String more = found.size() > PAGE
                ? "/o/agents?after="
                        + encoded(shown.getLast().instanceId() + "/"
                                + shown.getLast().position())
                : null;
        AgentList page = new AgentList(shown, more, fleet.refused().list(), now);
        Frame frame = frames.of(access, "Agents", Frame.Part.AGENTS);
        return Html.page(200, frame, (output, forms) -> JteagentsGenerated.render(output, forms, frame, page));
    }

    private Reply store(Access access, Request request) {
        StorePage page = new StorePage(
                fleet.health().checkStore(),
                fleet.store().abilities(),
                fleet.comparisons().last().orElse(null));
        Frame frame = frames.of(access, "Store", Frame.Part.STORE);
        return Html.page(200, frame, (output, forms) -> JtestoreGenerated.render(output, forms, frame, page));
    }
}
