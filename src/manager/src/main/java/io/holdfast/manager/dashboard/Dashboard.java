package io.holdfast.manager.dashboard;

import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.format.instance.Custody;
import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.downloads.DownloadsApi;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.EventStreams;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.wire.Lookup;
import java.io.IOException;
import java.util.Set;

/** The pages, see {@code docs/dashboard.md}. */
public final class Dashboard {
    private final Frames frames;
    private final Lookup lookup;
    private final JobQueue queue;
    private final InstancePages instances;
    private final PlanPages plans;
    private final KeyPages keyPages;
    private final DownloadsApi downloads;
    private final EncryptionKeys keys;
    private final OperatorPages operators;
    private final int rollbackHours;
    private final EventStreams events;

    /**
     * Makes it.
     *
     * @param rollbackHours how long restores keep what they replaced
     */
    public Dashboard(
            DashboardPages pages,
            InstancePages instances,
            Fleet fleet,
            Changes changes,
            DownloadsApi downloads,
            EventStreams events,
            int rollbackHours) {
        this.frames = pages.frames();
        this.lookup = instances.lookup();
        this.queue = fleet.queue();
        this.instances = instances;
        this.plans = new PlanPages(frames, instances, changes.plans());
        this.keyPages = new KeyPages(frames, instances, changes.keys(), changes.instances());
        this.keys = changes.keys();
        this.downloads = downloads;
        this.events = events;
        this.operators = new OperatorPages(frames, instances, fleet);
        this.rollbackHours = rollbackHours;
    }

    /** Adds the routes. */
    public void addTo(Router router, GuardedRoutes routes) {
        frames.assets().addTo(router);
        operators.addTo(routes);
        plans.addTo(routes);
        keyPages.addTo(routes);
        new DownloadPages(frames, instances, downloads).addTo(routes);
        routes.page("/i/{id}", Right.SEE, this::instance)
                .get("/i/{id}/events", Right.SEE, this::follow)
                .form("/i/{id}/jobs/{n}/cancel", Right.MANAGE, this::cancel)
                .page("/i/{id}/backups/{n}", Right.SEE, this::backup)
                .page("/i/{id}/backups/{n}/restore", Right.MANAGE, this::confirmRestore);
    }

    /** The services whose parts are independent, so that a restore may leave out some. */
    private static final Set<String> IN_PARTS = Set.of("rabbitmq", "opensearch", "elasticsearch");

    private Reply instance(Access access, Request request) {
        Instance instance = lookup.instance(request);
        String before = request.parameters(Set.of("before")).getOrDefault("before", "");
        InstancePage page = instances.page(
                instance,
                access.may(Right.MANAGE, instance),
                before.matches("[0-9]{1,18}") ? Long.parseLong(before) : Long.MAX_VALUE);
        Frame frame = frames.of(access, instance.instanceId(), Frame.Part.NONE)
                .withEvents("/i/" + instance.instanceId() + "/events?version=" + page.version());
        return Html.page(200, frame, (output, forms) -> JteinstanceGenerated.render(output, forms, frame, page));
    }

    private Reply follow(Access access, Request request) {
        Instance instance = lookup.instance(request);
        String version = request.parameters(Set.of("version")).getOrDefault("version", "");
        // A page that finds no place looks on its own, see dashboard.js.
        return events.follow(
                        access.caller().id(),
                        instance.instanceId(),
                        new PageWatch(version, () -> instances.look(instance)))
                .orElseGet(Reply::nothing);
    }

    private Reply cancel(Access access, Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        long job = queue.find(request.number("n"))
                .filter(each -> each.instance() == instance.id())
                .orElseThrow(() -> new HttpError(ErrorCode.NOT_FOUND, "there is no such job"))
                .id();
        if (!queue.cancel(job)) {
            throw OperatorPages.notCancellable();
        }
        return Html.redirect("/i/" + instance.instanceId());
    }

    private Reply backup(Access access, Request request) {
        Backup backup = lookup.backup(request);
        Instance instance = lookup.instance(request);
        BackupPage page = instances.backup(instance, backup, access.may(Right.MANAGE, instance));
        Frame frame = frames.of(access, instance.instanceId() + ": backup " + backup.id(), Frame.Part.NONE);
        return Html.page(
                200,
                frame,
                (output, forms) -> JtebackupGenerated.render(output, forms, frame, page, downloads.isOffered(backup)));
    }

    private Reply confirmRestore(Access access, Request request) {
        Backup backup = lookup.backup(request);
        Instance instance = lookup.active(lookup.instance(request));
        BackupPage page = instances.backup(instance, backup, true);
        Frame frame = frames.of(access, "Restore backup " + backup.id(), Frame.Part.NONE);
        return Html.page(
                200,
                frame,
                (output, forms) -> JterestoreGenerated.render(
                        output,
                        forms,
                        frame,
                        page,
                        rollbackHours,
                        keys.standing(instance).custody() == Custody.USER,
                        IN_PARTS.contains(instance.service())));
    }
}
