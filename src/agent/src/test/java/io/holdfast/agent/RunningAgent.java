package io.holdfast.agent;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.PostgresqlConfig;
import io.holdfast.agent.manager.ManagerClient;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.standin.StandInManager;
import io.holdfast.agent.transfer.StoreConnections;
import io.holdfast.agent.transfer.StorePatience;
import io.holdfast.agent.work.AgentContext;
import io.holdfast.agent.work.JobLoop;
import io.holdfast.agent.work.LastLife;
import io.holdfast.agent.work.MemoryGauge;
import io.holdfast.agent.work.NodeDuty;
import io.holdfast.agent.work.Pipeline;
import io.holdfast.agent.work.StatusFile;
import io.holdfast.protocol.tls.LayeredSockets;
import io.holdfast.protocol.tls.TlsContexts;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;

/** An agent in this JVM, wired as {@link Main} does it. */
final class RunningAgent implements AutoCloseable {
    static final int IN_FLIGHT = 4;

    private final StandInManager manager;
    private final JobLoop loop;
    private final Adapter adapter;
    private final Thread thread;

    RunningAgent(StandInManager manager, AdapterConfig config, Path work, CrashPoints crashPoints) throws IOException {
        this(manager, config, work, crashPoints, StorePatience.withOutage(Duration.ofMinutes(15)));
    }

    RunningAgent(
            StandInManager manager, AdapterConfig config, Path work, CrashPoints crashPoints, StorePatience patience)
            throws IOException {
        this(manager, config, work, crashPoints, patience, new ProcessRunner());
    }

    RunningAgent(
            StandInManager manager,
            AdapterConfig config,
            Path work,
            CrashPoints crashPoints,
            StorePatience patience,
            ProcessRunner runner)
            throws IOException {
        this(manager, config, work, crashPoints, patience, runner, new StatusFile(null));
    }

    RunningAgent(
            StandInManager manager,
            AdapterConfig config,
            Path work,
            CrashPoints crashPoints,
            StorePatience patience,
            ProcessRunner runner,
            StatusFile status)
            throws IOException {
        this.manager = manager;
        SecureRandom random = new SecureRandom();
        Certificates.Issued issued = manager.certificates().agent(StandInManager.INSTANCE, 0);
        Path ca = manager.certificates().caFile();
        adapter = Main.adapter(config, work, runner);
        loop = new JobLoop(
                new AgentContext(
                        new ManagerClient(
                                manager.url(),
                                new LayeredSockets(
                                        TlsContexts.mutual(ca, issued.certificateFile(), issued.privateKeyFile())),
                                null,
                                random),
                        new StoreConnections(new LayeredSockets(TlsContexts.trustingAlso(List.of(ca))), patience),
                        adapter,
                        new NodeDuty(adapter, true, Duration.ofMinutes(1)),
                        work.resolve("restores"),
                        new Pipeline(3, 2, IN_FLIGHT),
                        new MemoryGauge(0),
                        random),
                "test",
                status,
                LastLife.none(),
                crashPoints);
        thread = Thread.ofPlatform().name("agent").start(this::run);
    }

    static RunningAgent of(StandInManager manager, PostgresCluster cluster, Path work) throws IOException {
        return new RunningAgent(manager, config(cluster), work, CrashPoints.none());
    }

    static PostgresqlConfig config(PostgresCluster cluster) {
        return config(cluster, List.of(cluster.bin().toString()), Duration.ofMinutes(1));
    }

    static PostgresqlConfig config(PostgresCluster cluster, List<String> toolDirectories, Duration idle) {
        return new PostgresqlConfig(
                cluster.host(),
                cluster.port(),
                PostgresCluster.USER,
                cluster.password(),
                "postgres",
                toolDirectories,
                false,
                idle,
                Command.UNLIMITED);
    }

    /** No backup and no restore reads, compresses or sends any more. */
    void assertNoThreadsLeft() throws Exception {
        Await.until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(each -> each.getName().startsWith("holdfast-")));
    }

    /** Waits until the loop has ended by an error. */
    void awaitCrash() throws InterruptedException {
        if (!thread.join(Duration.ofMinutes(2))) {
            throw new IllegalStateException("the agent did not crash");
        }
    }

    /** What happens on SIGTERM. */
    void stop() throws InterruptedException {
        loop.stop(Duration.ZERO, Duration.ofSeconds(20));
    }

    @Override
    public void close() {
        try (adapter) {
            loop.stop(Duration.ZERO, Duration.ofSeconds(20));
            if (thread.isAlive()) {
                manager.answerClaim();
            }
            thread.join(Duration.ofSeconds(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            loop.run();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("the agent's loop ended", e);
        }
    }
}
