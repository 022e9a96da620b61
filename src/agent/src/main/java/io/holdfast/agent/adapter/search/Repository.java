package io.holdfast.agent.adapter.search;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** A repository of the engine, and one snapshot in it. */
final class Repository {
    private static final long SHORTEST_WAIT = 50;
    private static final long LONGEST_WAIT = 2000;

    /** What the engine says of a shard that no node will take: none may, or none has its data any more. */
    private static final Set<String> NEVER = Set.of("no", "no_valid_shard_copy");

    /** How long a shard may be without any node that would take it, before the engine is asked for the reason. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** How often it is looked how far a snapshot is. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    private final RestClient rest;
    private final Map<String, ?> withoutSystem;
    private final String name;
    private final String snapshot;
    private final Duration idleLimit;
    private final Duration limit;

    /**
     * Nothing is done yet.
     *
     * @param withoutSystem what in a request for a snapshot, or for the restore of one, keeps system indexes out
     * @param name the repository's, for the engine
     * @param snapshot the snapshot's in it
     * @param idleLimit how long a snapshot may go on without anything new in it
     * @param limit how long a snapshot or a restore may take
     */
    Repository(
            RestClient rest,
            Map<String, ?> withoutSystem,
            String name,
            String snapshot,
            Duration idleLimit,
            Duration limit) {
        this.rest = rest;
        this.withoutSystem = withoutSystem;
        this.name = name;
        this.snapshot = snapshot;
        this.idleLimit = idleLimit;
        this.limit = limit;
    }

    /** The snapshot's name. */
    String snapshotName() {
        return snapshot;
    }

    /**
     * Makes the repository known to the engine, unless it is so already: a repository that is in use, as by a snapshot or a
     * restore, cannot be registered again, even as it is.
     */
    void registerIfNew(String type, Map<String, ?> settings) throws IOException {
        Map<String, String> wanted = new TreeMap<>();
        settings.forEach((key, value) -> wanted.put(key, String.valueOf(value)));
        Optional<JsonNode> known = rest.find(path()).map(answer -> answer.path(name));
        Map<String, String> has = new TreeMap<>();
        known.ifPresent(each -> each.path("settings")
                .properties()
                .forEach(setting -> has.put(setting.getKey(), setting.getValue().asString(""))));
        if (known.isEmpty() || !known.get().path("type").asString("").equals(type) || !has.equals(wanted)) {
            register(type, settings);
        }
    }

    /** Lets all nodes try whether they can use it; throws when they cannot. */
    void verify() throws IOException {
        rest.post(path() + "/_verify", null);
    }

    /** Makes the repository known to the engine, all of whose nodes try whether they can use it. */
    void register(String type, Map<String, ?> settings) throws IOException {
        rest.put(path(), Map.of("type", type, "settings", settings));
    }

    /** Ends a snapshot that is being made, and forgets the repository, whose files stay. */
    void unregister() throws IOException {
        boolean running = rest.find(path() + "/_current")
                .map(answer -> !answer.path("snapshots").isEmpty())
                .orElse(false);
        if (running) {
            delete();
        }
        rest.delete(path());
    }

    /** Whether the snapshot is there, in whatever state. */
    boolean exists() throws IOException {
        return rest.find(snapshotPath()).isPresent();
    }

    /** The names of all snapshots in the repository that begin so, as the engine may remember them. */
    List<String> beginningWith(String start) throws IOException {
        return names(start, "verbose=false");
    }

    /** The same of those whose descriptions the engine reads in the repository now. */
    List<String> readable(String start) throws IOException {
        return names(start, "ignore_unavailable=true&filter_path=snapshots.snapshot");
    }

    /** All are asked for: a pattern that matches none would be an error. */
    private List<String> names(String start, String options) throws IOException {
        List<String> names = new ArrayList<>();
        for (JsonNode each : rest.get(path() + "/_all?" + options).path("snapshots")) {
            String found = each.path("snapshot").asString("");
            if (found.startsWith(start)) {
                names.add(found);
            }
        }
        return names;
    }

    /** How large the snapshot is, and how much of it is new, as the engine says. */
    JsonNode status() throws IOException {
        return rest.get(snapshotPath() + "/_status").path("snapshots").path(0);
    }

    /** Removes the snapshot; one that is being made is ended. */
    void delete() throws IOException {
        rest.delete(snapshotPath());
    }

    /**
     * Takes a snapshot and waits for its end; one that lacks anything is none.
     *
     * @param indices names and patterns
     * @param system whether the engine's own indexes are in it too, whatever the patterns say
     * @return what is in it
     */
    Content snapshot(List<String> indices, boolean system) throws IOException, InterruptedException {
        Map<String, Object> body = new TreeMap<>(system ? Map.of() : withoutSystem);
        body.put("indices", indices);
        body.put("include_global_state", true);
        body.put("ignore_unavailable", false);
        body.put("expand_wildcards", "all"); // closed ones too
        body.put("partial", false);
        rest.put(snapshotPath() + "?wait_for_completion=false", body);
        Waiting waiting = new Waiting("a snapshot");
        Standstill standstill = new Standstill();
        while (true) {
            JsonNode info = info();
            String state = info.path("state").asString("");
            if (state.equals("SUCCESS")) {
                return new Content(Inventory.texts(info.path("indices")), Inventory.texts(info.path("data_streams")));
            }
            if (!state.equals("IN_PROGRESS")) {
                throw failed(state, info);
            }
            standstill.require();
            waiting.pause();
        }
    }

    /** What a snapshot has, as the engine says. */
    record Content(List<String> indices, List<String> dataStreams) {
        Content {
            indices = List.copyOf(indices);
            dataStreams = List.copyOf(dataStreams);
        }
    }

    /** Whether the snapshot is there, and whole; throws when not. */
    void requireWhole() throws IOException {
        JsonNode info = info();
        String state = info.path("state").asString("");
        if (!state.equals("SUCCESS")) {
            throw failed(state, info);
        }
    }

    private String path() {
        return "/_snapshot/" + name;
    }

    private String snapshotPath() {
        return path() + "/" + RestClient.encoded(snapshot);
    }

    /** What the engine says of the snapshot. */
    JsonNode info() throws IOException {
        return rest.get(snapshotPath()).path("snapshots").path(0);
    }

    private JobException failed(String state, JsonNode info) {
        List<String> reasons = new ArrayList<>();
        info.path("failures")
                .forEach(failure -> reasons.add(failure.path("index").asString("") + ": "
                        + failure.path("reason").asString("")));
        String reason = reasons.isEmpty()
                ? info.path("reason").asString("no reason given")
                : RestClient.shortened(reasons.getFirst()) + (reasons.size() > 1 ? ", and others" : "");
        String message = "the snapshot ended as " + (state.isEmpty() ? "lost" : state) + ": " + reason;
        return reasons.stream().anyMatch(Failure::full)
                ? Failure.diskFull(message)
                : new JobException(rest.refusal(), message, "see the service's log, and the cluster's health");
    }

    /**
     * Restores indexes and data streams by their names, and waits until every primary shard is there.
     *
     * @param indices concrete indexes that come into being
     */
    void restore(Collection<String> names, Map<String, ?> options, Collection<String> indices)
            throws IOException, InterruptedException {
        Map<String, Object> body = new TreeMap<>(withoutSystem);
        body.put("indices", List.copyOf(names));
        body.put("include_global_state", false);
        body.put("ignore_index_settings", List.of("index.blocks.*"));
        // OpenSearch's security plugin does not find data streams in a snapshot; what is missing afterwards is seen.
        body.put("ignore_unavailable", true);
        body.putAll(options);
        rest.post(snapshotPath() + "/_restore?wait_for_completion=false", body);
        awaitPrimaries(indices);
    }

    private void awaitPrimaries(Collection<String> indices) throws IOException, InterruptedException {
        Waiting waiting = new Waiting("a restore");
        long stuckAt = System.nanoTime() + PATIENCE.toNanos();
        for (String list : RestClient.lists(indices)) {
            while (true) {
                List<JsonNode> missing = missing(list);
                if (missing.isEmpty()) {
                    break;
                }
                boolean moving = false;
                for (JsonNode shard : missing) {
                    requireNotFailed(shard);
                    moving |= !shard.path("state").asString("").equals("UNASSIGNED");
                }
                if (moving) {
                    stuckAt = System.nanoTime() + PATIENCE.toNanos();
                } else if (System.nanoTime() > stuckAt) {
                    requireNotStuck(missing.getFirst());
                    stuckAt = System.nanoTime() + PATIENCE.toNanos();
                }
                waiting.pause();
            }
        }
    }

    /** Primary shards that are not there yet. */
    private List<JsonNode> missing(String list) throws IOException {
        List<JsonNode> missing = new ArrayList<>();
        for (JsonNode shard : rest.get("/_cat/shards/" + list
                + "?format=json&h=index,shard,prirep,state,unassigned.reason,unassigned.details")) {
            String state = shard.path("state").asString("");
            if (shard.path("prirep").asString("").equals("p")
                    && !state.equals("STARTED")
                    && !state.equals("RELOCATING")) {
                missing.add(shard);
            }
        }
        return missing;
    }

    private static void requireNotFailed(JsonNode shard) throws JobException {
        if (shard.path("state").asString("").equals("UNASSIGNED")
                && shard.path("unassigned.reason").asString("").equals("ALLOCATION_FAILED")) {
            String details = shard.path("unassigned.details").asString("");
            throw refused(shard, Failure.innermost(details), Failure.full(details));
        }
    }

    private void requireNotStuck(JsonNode shard) throws IOException {
        JsonNode answer = rest.post(
                "/_cluster/allocation/explain",
                Map.of(
                        "index",
                        shard.path("index").asString(""),
                        "shard",
                        Integer.parseInt(shard.path("shard").asString("0")),
                        "primary",
                        true));
        if (NEVER.contains(answer.path("can_allocate").asString(""))) {
            String why = "no node accepts it";
            boolean full = false;
            for (JsonNode node : answer.path("node_allocation_decisions")) {
                for (JsonNode decider : node.path("deciders")) {
                    full |= decider.path("decider").asString("").equals("disk_threshold");
                    why = decider.path("explanation").asString(why);
                }
            }
            throw refused(shard, RestClient.shortened(why), full);
        }
    }

    private static JobException refused(JsonNode shard, String why, boolean full) {
        String message = "shard " + shard.path("shard").asString("") + " of "
                + shard.path("index").asString("") + " cannot be restored: " + why;
        return full
                ? Failure.diskFull(message)
                : new JobException(FailureCode.RESTORE_FAILED, message, "see the service's log; verify the backup");
    }

    /** Notices when a snapshot gets no further; engines count whole files, so a large one looks like a standstill. */
    private final class Standstill {
        private String progress = "";
        private long since = System.nanoTime();
        private long lookAt = since + LOOK_EVERY.toNanos();

        void require() throws IOException {
            long now = System.nanoTime();
            if (now < lookAt) {
                return; // the engine reads much to answer
            }
            lookAt = now + LOOK_EVERY.toNanos();
            JsonNode status = status();
            JsonNode stats = status.path("stats");
            String found =
                    status.path("shards_stats") + " " + stats.path("incremental") + " " + stats.path("processed");
            if (!found.equals(progress)) {
                progress = found;
                since = now;
            } else if (now - since > idleLimit.toNanos()) {
                throw new JobException(
                        FailureCode.TOOL_TIMEOUT,
                        "the snapshot made no progress for " + idleLimit.toSeconds() + " s",
                        "see the service's log for the cause; raise adapter.idle_timeout_seconds if the nodes need"
                                + " longer for their largest file");
            }
        }
    }

    /** Looks more and more seldom, until the limit. */
    private final class Waiting {
        private final String what;
        private final long end = System.nanoTime() + limit.toNanos();
        private long millis = SHORTEST_WAIT;

        Waiting(String what) {
            this.what = what;
        }

        void pause() throws IOException, InterruptedException {
            if (System.nanoTime() > end) {
                throw new JobException(
                        FailureCode.TOOL_TIMEOUT,
                        what + " took longer than " + limit.toSeconds() + " s",
                        "raise adapter.tool_timeout_seconds, or see the service's log for the cause");
            }
            Thread.sleep(millis);
            millis = Math.min(LONGEST_WAIT, millis * 2);
        }
    }
}
