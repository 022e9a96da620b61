package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.format.json.Json;
import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.EventStreams;
import io.holdfast.manager.http.EventStreams.Event;
import io.holdfast.manager.http.EventStreams.Look;
import io.holdfast.manager.http.EventStreams.Watch;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.OpenJob;
import io.holdfast.manager.jobs.OpenJobs;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.manager.wire.Wire.BackupView;
import io.holdfast.manager.wire.Wire.RestoreView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The progress of what runs, for whoever waits for its end: each backup and restore of an instance that has not ended, as
 * its own route shows it, again when it changes, the last time when it has ended. The stream ends with the last of them.
 */
public final class EventsApi {
    private static final int MOST = 100;

    private final Lookup lookup;
    private final OpenJobs open;
    private final EventStreams streams;
    private final boolean downloads;

    /**
     * Makes it.
     *
     * @param downloads whether backups can be downloaded
     */
    public EventsApi(Lookup lookup, OpenJobs open, EventStreams streams, boolean downloads) {
        this.lookup = lookup;
        this.open = open;
        this.streams = streams;
        this.downloads = downloads;
    }

    /** Adds the route. */
    public void addTo(GuardedRoutes routes) {
        routes.get("/instances/{id}/events", Right.SEE, this::follow);
    }

    private Reply follow(Access access, Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        return streams.follow(access.caller().id(), instance.instanceId(), new JobsWatch(instance))
                .orElseThrow(() -> new HttpError(
                        ErrorCode.BUSY,
                        "too many follow events already: of this caller, of this instance, or of all",
                        "ask for the backup or the restore itself, every few seconds"));
    }

    /** A backup or a restore. */
    private record Subject(String kind, long number) {}

    private final class JobsWatch implements Watch {
        private final Instance instance;
        private final Map<Subject, String> told = new LinkedHashMap<>();

        JobsWatch(Instance instance) {
            this.instance = instance;
        }

        @Override
        public Look look() {
            Set<Subject> present = new LinkedHashSet<>();
            for (OpenJob job : open.list(instance.id(), MOST)) {
                if (job.backup() != null) {
                    present.add(new Subject("backup", job.backup()));
                } else if (job.restore() != null) {
                    present.add(new Subject("restore", job.restore()));
                }
            }
            Set<Subject> all = new LinkedHashSet<>(told.keySet());
            all.addAll(present);
            List<Event> events = new ArrayList<>();
            for (Subject each : all) {
                String text = text(each);
                if (!text.equals(told.put(each, text))) {
                    events.add(new Event(each.kind(), text));
                }
            }
            // What has ended was told for the last time just now.
            told.keySet().retainAll(present);
            return new Look(events, present.isEmpty());
        }

        private String text(Subject subject) {
            Object view = subject.kind().equals("backup")
                    ? BackupView.of(lookup.backup(instance, subject.number()), downloads, null)
                    : RestoreView.of(lookup.restore(instance, subject.number()));
            return Json.mapper().writeValueAsString(view);
        }
    }
}
