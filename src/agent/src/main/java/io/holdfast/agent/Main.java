package io.holdfast.agent;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.bbr.BbrAdapter;
import io.holdfast.agent.adapter.command.CommandAdapter;
import io.holdfast.agent.adapter.directory.DirectoryAdapter;
import io.holdfast.agent.adapter.mariadb.MariadbAdapter;
import io.holdfast.agent.adapter.postgresql.PostgresAdapter;
import io.holdfast.agent.adapter.rabbitmq.RabbitmqAdapter;
import io.holdfast.agent.adapter.redis.RedisAdapter;
import io.holdfast.agent.adapter.search.SearchAdapter;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.AgentConfig;
import io.holdfast.agent.config.BbrConfig;
import io.holdfast.agent.config.CommandConfig;
import io.holdfast.agent.config.ConfigFile;
import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.agent.config.PostgresqlConfig;
import io.holdfast.agent.config.RabbitmqConfig;
import io.holdfast.agent.config.RedisConfig;
import io.holdfast.agent.config.SearchConfig;
import io.holdfast.agent.manager.ManagerClient;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.transfer.StoreConnections;
import io.holdfast.agent.transfer.StorePatience;
import io.holdfast.agent.work.AgentContext;
import io.holdfast.agent.work.JobLoop;
import io.holdfast.agent.work.LastLife;
import io.holdfast.agent.work.MemoryGauge;
import io.holdfast.agent.work.NodeDuty;
import io.holdfast.agent.work.Pipeline;
import io.holdfast.agent.work.StatusFile;
import io.holdfast.format.zstd.NativeLibrary;
import io.holdfast.protocol.ReleaseVersion;
import io.holdfast.protocol.tls.LayeredSockets;
import io.holdfast.protocol.tls.TlsContexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code java … io.holdfast.agent.Main CONFIG.json}: runs the agent until it gets SIGTERM. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    private static final Duration STOP_WAIT = Duration.ofSeconds(20);
    private static final int EXIT_USAGE = 2;

    /** The JVM does not count a part of what it was given. */
    private static final int HEAP_ROUNDING_MB = 1;

    /** As many as the JVM keeps unless it is told otherwise. */
    private static final int USUAL_CONNECTIONS = 5;

    private Main() {}

    /**
     * Runs until it is told to stop.
     *
     * @param args the configuration file
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 1) {
            System.err.println("usage: holdfast-agent CONFIG.json");
            System.exit(EXIT_USAGE);
        }
        AgentConfig config = config(Path.of(args[0]));
        requireHeap(config, Runtime.getRuntime().maxMemory());
        loadLibraries();
        run(config);
    }

    /** Before the manager hears of this agent: one that cannot compress is not to take a job. */
    private static void loadLibraries() {
        try {
            NativeLibrary.load();
        } catch (IOException e) {
            System.err.println(e.getMessage());
            System.exit(EXIT_USAGE);
        }
    }

    /** Before it takes a job: one that ends for lack of memory in its middle helps nobody. */
    private static void requireHeap(AgentConfig config, long bytes) {
        int has = Math.toIntExact(Math.ceilDiv(bytes, 1L << 20));
        if (has + HEAP_ROUNDING_MB < config.heapMb()) {
            System.err.println("uploads_in_flight " + config.uploadsInFlight() + " and workers " + config.workers()
                    + " need a heap of " + config.heapMb() + " MB, and the JVM may have " + has
                    + "\nHINT: start it with -Xmx" + config.heapMb()
                    + "m (BOSH: raise backup-agent.memory_mb), or set them lower");
            System.exit(EXIT_USAGE);
        }
    }

    private static AgentConfig config(Path file) {
        try {
            return ConfigFile.read(file);
        } catch (IOException | IllegalArgumentException e) {
            System.err.println(file + " cannot be used:\n" + e.getMessage());
            System.exit(EXIT_USAGE);
            throw new IllegalStateException(e);
        }
    }

    private static void run(AgentConfig config) throws IOException, InterruptedException {
        // A failed POST is repeated by ManagerClient alone, which knows whether that is right.
        System.setProperty("sun.net.http.retryPost", "false");
        // As many connections to the store are kept as are used at once.
        System.setProperty(
                "http.maxConnections", Integer.toString(Math.max(USUAL_CONNECTIONS, config.uploadsInFlight() + 1)));
        SecureRandom random = new SecureRandom();
        CrashPoints crashPoints = CrashPoints.fromSystemProperties();
        AgentConfig.Manager manager = config.manager();
        ManagerClient client = new ManagerClient(
                manager.url(),
                new LayeredSockets(
                        TlsContexts.mutual(manager.caFile(), manager.certificateFile(), manager.privateKeyFile())),
                manager.index(),
                random);
        StoreConnections store = new StoreConnections(
                new LayeredSockets(TlsContexts.trustingAlso(config.trustedCaFiles())),
                StorePatience.withOutage(config.storePatience()));
        Files.createDirectories(config.workDirectory());
        empty(runDirectory(config.workDirectory()));
        LastLife lastLife = LastLife.begin(config.workDirectory());
        Adapter adapter = adapter(config.adapter(), config.workDirectory(), new ProcessRunner());
        AgentContext context = new AgentContext(
                client,
                store,
                adapter,
                new NodeDuty(adapter, config.backupFrom() == AgentConfig.BackupFrom.REPLICA, config.mostBehind()),
                config.workDirectory().resolve("restores"),
                new Pipeline(config.compressionLevel(), config.workers(), config.uploadsInFlight()),
                new MemoryGauge(config.memoryAlertMb()),
                random);
        JobLoop loop = new JobLoop(
                context, ReleaseVersion.current(), new StatusFile(config.statusFile()), lastLife, crashPoints);
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform().name("stop").unstarted(() -> stop(loop, config.stopWithin(), adapter)));
        loop.run();
    }

    /** The one place that knows all data services. */
    static Adapter adapter(AdapterConfig config, Path workDirectory, ProcessRunner runner) throws IOException {
        Path runDirectory = runDirectory(workDirectory);
        return switch (config) {
            case PostgresqlConfig postgresql -> new PostgresAdapter(postgresql, runDirectory, runner);
            case MariadbConfig mariadb -> new MariadbAdapter(mariadb, workDirectory, runDirectory, runner);
            case RedisConfig redis -> new RedisAdapter(redis, workDirectory, runner);
            case RabbitmqConfig rabbitmq -> new RabbitmqAdapter(rabbitmq, workDirectory);
            case SearchConfig search -> new SearchAdapter(search, workDirectory, runner);
            case DirectoryConfig directory -> new DirectoryAdapter(directory, runner);
            case CommandConfig command -> new CommandAdapter(command, workDirectory, runner);
            case BbrConfig bbr -> new BbrAdapter(bbr, workDirectory, runner);
        };
    }

    private static void stop(JobLoop loop, Duration finish, Adapter adapter) {
        LOG.info("stopping");
        try (adapter) {
            loop.stop(finish, STOP_WAIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where files with credentials are, as long as the agent runs. */
    private static Path runDirectory(Path workDirectory) {
        return workDirectory.resolve("run");
    }

    /** Password files of an agent that was killed are of no use any more. */
    private static void empty(Path directory) throws IOException {
        Files.createDirectories(directory);
        try (var files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }
}
