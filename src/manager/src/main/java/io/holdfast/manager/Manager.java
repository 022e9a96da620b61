package io.holdfast.manager;

import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.config.StateConfig.EmbeddedState;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.keys.ManagerKeys;
import io.holdfast.manager.listener.BodyMemory;
import io.holdfast.manager.listener.HttpListener;
import io.holdfast.manager.listener.Limits;
import io.holdfast.manager.monitoring.UnreachableDatabase;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.state.StateCopies;
import io.holdfast.manager.store.RetryPolicy;
import io.holdfast.manager.store.RetryingStore;
import io.holdfast.manager.store.Store;
import io.holdfast.protocol.ReleaseVersion;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running manager: {@link ManagerCore}, its {@link Faces} and its {@link Duties}. First its ports are bound, so that
 * nothing is touched where one is taken; then it begins to work, then it serves. What a start that fails has begun is
 * ended again.
 */
final class Manager implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Manager.class);

    /** How long the end waits for what still runs. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ManagerConfig config;
    private final CrashPoints crashPoints;
    private final long heap = Runtime.getRuntime().maxMemory();
    private final InstantSource clock = Clock.systemUTC();
    private final SecureRandom random = new SecureRandom();
    private final Closing parts = new Closing();
    private final Faces faces;

    /**
     * Starts everything; returns once it serves.
     *
     * @throws IOException when a file cannot be read or an address is taken
     */
    Manager(ManagerConfig config, CrashPoints crashPoints) throws IOException {
        this.config = config;
        this.crashPoints = crashPoints;
        try {
            this.faces = start();
        } catch (IOException | RuntimeException | Error e) {
            parts.close();
            throw e;
        }
    }

    private Faces start() throws IOException {
        BodyMemory bodies = new BodyMemory(heap);
        HttpListener agents = bind(config.agentsListen(), true, Limits.forAgents(heap), bodies);
        HttpListener operators = bind(config.listen(), false, Limits.forOperators(heap), bodies);

        Database database = parts.add(State.open(config.state(), clock)).database();
        Store plain = parts.add(Stores.open(config, random, clock));
        Store store = new RetryingStore(plain, RetryPolicy.REQUEST, Thread::sleep, System::nanoTime, random);
        Store patient = new RetryingStore(plain, RetryPolicy.BACKGROUND, Thread::sleep, System::nanoTime, random);
        ManagerKeys keys = ManagerKeys.read(config.keys());
        Background background = new Background(PATIENCE);
        ManagerCore core = new ManagerCore(
                new ManagerCore.Surroundings(
                        name(), database, plain, store, patient, background, background, random, crashPoints),
                ManagerCore.Settings.of(config, keys, heap));
        StateCopies stateCopies = stateCopies(database, patient, keys);
        Faces made = parts.add(new Faces(config, core, store, plain, stateCopies, random, clock));

        parts.add(core.lists);
        parts.add(core.leases::releaseAll);
        parts.add(background);
        parts.add(core.queue);
        core.held.announce();
        core.queue.listen();
        new Duties(background, core).begin(config, made.logins, stateCopies);

        // Added last: at the end, serving is over before the work is.
        parts.add(agents).serve(new UnreachableDatabase(made.agents));
        parts.add(operators).serve(new UnreachableDatabase(made.operators));
        parts.add(made.events);
        String release = ReleaseVersion.current();
        log.info("release {}: serving operators at {}, agents at {}", release, config.listen(), config.agentsListen());
        return made;
    }

    private HttpListener bind(InetSocketAddress address, boolean clientCertificates, Limits limits, BodyMemory bodies)
            throws IOException {
        return parts.add(new HttpListener(
                address,
                config.tls().certificateFile(),
                config.tls().privateKeyFile(),
                clientCertificates,
                limits,
                bodies));
    }

    private @Nullable StateCopies stateCopies(Database database, Store patient, ManagerKeys keys) throws IOException {
        return config.stateCopy().enabled() && config.state() instanceof EmbeddedState(var directory)
                ? new StateCopies(
                        database,
                        directory,
                        patient,
                        keys.recipients(),
                        keys.signing(),
                        config.stateCopy(),
                        random,
                        database::now)
                : null;
    }

    /** A name that no other manager and no other run of this one has. */
    private String name() {
        byte[] name = new byte[16];
        random.nextBytes(name);
        return HexFormat.of().formatHex(name);
    }

    /** The routes for operators, brokers, app developers and browsers, as {@code METHOD pattern}. */
    List<String> routes() {
        return faces.operators.routes();
    }

    /** The routes for agents. */
    List<String> agentRoutes() {
        return faces.agents.routes();
    }

    /** Stops serving, then working, and lets go of everything. */
    @Override
    public void close() {
        parts.close();
    }
}
