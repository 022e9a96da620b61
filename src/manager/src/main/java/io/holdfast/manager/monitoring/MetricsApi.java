package io.holdfast.manager.monitoring;

import io.holdfast.manager.agents.AgentLook;
import io.holdfast.manager.agents.Agents;
import io.holdfast.manager.config.ManagerConfig.User;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.PieceStream;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.identity.Attempts;
import io.holdfast.manager.identity.BasicUsers;
import io.holdfast.manager.instance.InstanceOverview;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.jobs.JobCounts;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.ReleaseVersion;
import io.holdfast.protocol.ResidentMemory;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /metrics} in Prometheus' text format, for the user {@code metrics} alone. Everything is read from the
 * database when it is asked for, so a manager that was restarted says the same. One metric at a time is written, while
 * the answer is sent: with many instances all of them together are large.
 */
public final class MetricsApi {
    private static final String USER = "metrics";
    private static final int PAGE = 1000;
    private static final long MB = 1024 * 1024; // as monit counts them

    private final BasicUsers readers;
    private final Attempts attempts;
    private final Instances instances;
    private final Agents agents;
    private final JobCounts jobs;
    private final KeepingMetrics keeping;
    private final Duration silence;
    private final int memoryAlertMb;

    /**
     * Makes it.
     *
     * @param password of the user metrics, or null when nobody may ask
     * @param silence how long an agent may be silent and still counts as there
     * @param memoryAlertMb this manager's own threshold, or 0 when it has none
     */
    public MetricsApi(
            @Nullable String password,
            Attempts attempts,
            Instances instances,
            Agents agents,
            JobCounts jobs,
            KeepingMetrics keeping,
            Duration silence,
            int memoryAlertMb) {
        this.readers = new BasicUsers(password == null ? List.of() : List.of(new User(USER, password)));
        this.attempts = attempts;
        this.instances = instances;
        this.agents = agents;
        this.jobs = jobs;
        this.keeping = keeping;
        this.silence = silence;
        this.memoryAlertMb = memoryAlertMb;
    }

    /** Adds the route. */
    public void addTo(Router router) {
        router.add("GET", "/metrics", this::metrics);
    }

    private Reply metrics(Request request) throws IOException {
        Optional<String> reader = readers.find(request, attempts);
        if (reader.isEmpty()) {
            throw new HttpError(
                    ErrorCode.UNAUTHORIZED,
                    "only the user metrics may read metrics",
                    "use HTTP basic authentication as the user metrics, with metrics.password of the configuration");
        }
        request.known(reader.get());
        List<Supplier<MetricSnapshot>> metrics = new ArrayList<>();
        addManager(metrics);
        addAgents(metrics, allAgents());
        addInstances(metrics, allInstances());
        metrics.add(this::openJobs);
        metrics.add(this::endedJobs);
        keeping.addTo(metrics);
        InputStream text = new PieceStream(
                metrics.stream().map(metric -> text(metric.get())).iterator());
        return new Reply(200, Map.of("Content-Type", PrometheusTextFormatWriter.CONTENT_TYPE), text, -1);
    }

    private static byte[] text(MetricSnapshot metric) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(text, MetricSnapshots.of(metric), EscapingScheme.DEFAULT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toByteArray();
    }

    private List<AgentLook> allAgents() {
        List<AgentLook> all = new ArrayList<>();
        agents.each(silence, all::add);
        return all;
    }

    private List<InstanceOverview> allInstances() {
        List<InstanceOverview> all = new ArrayList<>();
        String after = "";
        while (true) {
            List<InstanceOverview> page = instances.list(after, PAGE, silence, null);
            page.stream().filter(instance -> instance.deletedAt() == null).forEach(all::add);
            if (page.size() < PAGE) {
                return all;
            }
            after = page.getLast().instanceId();
        }
    }

    private void addManager(List<Supplier<MetricSnapshot>> metrics) {
        Runtime runtime = Runtime.getRuntime();
        metrics.add(() -> Gauges.gauge(
                "holdfast_build_info",
                "The release of this manager.",
                List.of(ReleaseVersion.current()),
                version -> Labels.of("version", version),
                version -> 1));
        metrics.add(() -> Gauges.single(
                "holdfast_manager_resident_memory_bytes",
                "Resident memory of this manager.",
                ResidentMemory.bytes(ProcessHandle.current())));
        metrics.add(() -> Gauges.single(
                "holdfast_manager_heap_bytes",
                "Used heap of this manager.",
                runtime.totalMemory() - runtime.freeMemory()));
        if (memoryAlertMb > 0) {
            metrics.add(() -> Gauges.single(
                    "holdfast_manager_memory_alert_bytes",
                    "The memory use above which monit alerts on this manager.",
                    memoryAlertMb * MB));
        }
    }

    private static void addAgents(List<Supplier<MetricSnapshot>> metrics, List<AgentLook> all) {
        metrics.add(
                () -> perAgent(all, "online", "Whether the agent was seen recently.", agent -> agent.online() ? 1 : 0));
        metrics.add(() -> perAgent(
                all,
                "last_seen_timestamp_seconds",
                "When the agent was last seen.",
                agent -> Gauges.seconds(agent.lastSeenAt())));
        metrics.add(() -> perAgent(
                all, "warnings", "How many warnings the agent has; see holdfast agents.", AgentLook::warnings));
        List<AgentLook> measured =
                all.stream().filter(agent -> agent.memory() != null).toList();
        metrics.add(() -> perAgent(
                measured,
                "resident_memory_bytes",
                "Resident memory of the agent's process alone.",
                memory(AgentMemory::residentBytes)));
        metrics.add(() -> perAgent(
                measured,
                "resident_memory_with_children_bytes",
                "Resident memory of the agent and the programs that it runs: what monit calls totalmem.",
                memory(AgentMemory::residentWithChildrenBytes)));
        metrics.add(() -> perAgent(measured, "heap_bytes", "Used heap of the agent.", memory(AgentMemory::heapBytes)));
        metrics.add(() -> perAgent(
                measured, "direct_memory_bytes", "Direct buffers of the agent.", memory(AgentMemory::directBytes)));
        metrics.add(() -> perAgent(
                measured.stream()
                        .filter(agent ->
                                agent.memory() != null && agent.memory().alertBytes() != null)
                        .toList(),
                "memory_alert_bytes",
                "The memory use, children included, above which monit alerts on the agent.",
                memory(memory -> memory.alertBytes() == null ? 0 : memory.alertBytes())));
    }

    private static ToDoubleFunction<AgentLook> memory(ToLongFunction<AgentMemory> value) {
        return agent -> agent.memory() == null ? 0 : (double) value.applyAsLong(agent.memory());
    }

    private static GaugeSnapshot perAgent(
            List<AgentLook> all, String name, String help, ToDoubleFunction<AgentLook> value) {
        return Gauges.gauge(
                "holdfast_agent_" + name,
                help,
                all,
                agent -> Labels.of(
                        "instance_id",
                        agent.instanceId(),
                        "agent",
                        Integer.toString(agent.position()),
                        "service",
                        agent.service()),
                value);
    }

    private static void addInstances(List<Supplier<MetricSnapshot>> metrics, List<InstanceOverview> all) {
        metrics.add(() -> perInstance(
                all,
                "last_good_backup_timestamp_seconds",
                "When the newest backup that can be restored was finished; 0 when there is none.",
                instance -> Gauges.seconds(instance.lastGoodBackupAt())));
        metrics.add(() -> perInstance(
                all,
                "last_verified_timestamp_seconds",
                "When a backup was last verified; 0 when none was.",
                instance -> Gauges.seconds(instance.lastVerifiedAt())));
        metrics.add(() -> perInstance(
                all.stream()
                        .filter(instance -> instance.snapshotsSeenAt() != null)
                        .toList(),
                "snapshots_seen_timestamp_seconds",
                "When the agent could last look at the service's own repository, where the instance's backups are.",
                instance -> Gauges.seconds(instance.snapshotsSeenAt())));
        metrics.add(() -> perInstance(
                all,
                "scheduled_backups_disabled",
                "Whether scheduled backups are disabled for the instance.",
                instance -> instance.excluded() ? 1 : 0));
    }

    private static GaugeSnapshot perInstance(
            List<InstanceOverview> all, String name, String help, ToDoubleFunction<InstanceOverview> value) {
        return Gauges.gauge(
                "holdfast_instance_" + name,
                help,
                all,
                instance -> Labels.of("instance_id", instance.instanceId(), "service", instance.service()),
                value);
    }

    private GaugeSnapshot openJobs() {
        return Gauges.gauge(
                "holdfast_jobs_open",
                "Jobs that have not ended; those in state queued are the queue's depth.",
                jobs.open(),
                open -> Labels.of("kind", lower(open.kind()), "state", lower(open.state())),
                open -> (double) open.count());
    }

    private CounterSnapshot endedJobs() {
        CounterSnapshot.Builder builder = CounterSnapshot.builder()
                .name("holdfast_jobs")
                .help("Jobs that have ended, by result; reason is the error code.");
        for (JobCounts.Ends ends : jobs.ends()) {
            builder.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                    .labels(Labels.of(
                            "kind",
                            lower(ends.kind()),
                            "result",
                            lower(ends.result()),
                            "reason",
                            ends.reason().toLowerCase(Locale.ROOT)))
                    .value((double) ends.count())
                    .build());
        }
        return builder.build();
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
