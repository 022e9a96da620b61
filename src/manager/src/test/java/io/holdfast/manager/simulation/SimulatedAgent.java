package io.holdfast.manager.simulation;

import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.simulation.Network.NoAnswer;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.Assignment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An agent: what it keeps on its disk, and the processes that run one after the other, or by mistake beside each other. */
final class SimulatedAgent {
    private static final Duration POLL = Duration.ofSeconds(20);

    private final World world;
    private final String name;
    private final AgentRequests requests;
    /** What its data service holds: the number of the restore's job that put it there, or null. */
    private @Nullable Long live;

    private final List<ByteBuffer> dumped = new ArrayList<>();
    private @Nullable Journal journal;
    private Object process = new Object();
    private int sessions;

    SimulatedAgent(World world, String instanceId, int position) {
        this.world = world;
        this.name = instanceId + "/" + position;
        this.requests = new AgentRequests(world, instanceId, position);
    }

    /**
     * What a restore notes on disk before it asks whether it may replace live data.
     *
     * @param epoch the last one that the agent knows of
     * @param swapped whether it has
     */
    record Journal(long job, int epoch, boolean swapped) {}

    /** The content of segments that it has dumped, which may be there again. */
    List<ByteBuffer> dumped() {
        return dumped;
    }

    String name() {
        return name;
    }

    AgentRequests requests() {
        return requests;
    }

    @Nullable Journal journal() {
        return journal;
    }

    void note(@Nullable Journal now) {
        journal = now;
    }

    /** Which restore's data is live. */
    @Nullable Long live() {
        return live;
    }

    void swap(long job) {
        live = job;
    }

    /** Starts a process; an older one that was not ended goes on beside it. */
    void start() {
        Object started = new Object();
        process = started;
        String session = name + "#" + ++sessions;
        world.trace().add(name, "starts as " + session);
        world.coroutines().start(started, session, () -> run(started, session));
    }

    /** Ends the present process, and starts another later. */
    void crash(Duration down) {
        world.trace().add(name, "crashes");
        Object crashed = process;
        world.coroutines().start(world, "start " + name, () -> {
            world.coroutines().sleep(down);
            if (process.equals(crashed)) {
                start();
            }
        });
        world.coroutines().kill(crashed);
    }

    /** Whether its present process runs. */
    boolean isUp() {
        return world.coroutines().hasAny(process);
    }

    private void run(Object owner, String session) throws InterruptedException {
        while (process.equals(owner)) {
            try {
                ask("hello", manager -> requests.hello(manager, session));
                resume(owner, session);
                while (true) {
                    Optional<Assignment> assignment = ask("claim", manager -> requests.claim(manager, session));
                    if (assignment.isPresent()) {
                        work(owner, session, assignment.get());
                    } else {
                        world.coroutines()
                                .sleep(world.chance().perMille(500) ? POLL.multipliedBy(3) : Duration.ofSeconds(2));
                        world.coroutines()
                                .await(Duration.ofHours(6), () -> world.work().waiting());
                    }
                }
            } catch (HttpError e) {
                if (e.code() != ErrorCode.UNKNOWN_SESSION) {
                    throw e;
                }
                world.coroutines().sleep(POLL);
            }
        }
    }

    private void resume(Object owner, String session) {
        Journal left = journal;
        if (left != null) {
            Optional<Assignment> resumed =
                    ask("resume", manager -> requests.resume(manager, session, left.job(), left.epoch()));
            if (resumed.isPresent() && resumed.get() instanceof Assignment.Restore restore) {
                new RestoreAttempt(world, this, owner, restore).run();
            } else {
                journal = null;
            }
        }
    }

    private void work(Object owner, String session, Assignment assignment) {
        world.trace().add(session, "has job " + assignment.jobId() + " epoch " + assignment.epoch());
        switch (assignment) {
            case Assignment.Backup backup -> new BackupAttempt(world, this, owner, backup).run();
            case Assignment.Restore restore -> new RestoreAttempt(world, this, owner, restore).run();
        }
    }

    /** Asks until there is an answer. */
    <T> T ask(String what, Network.Request<T> request) {
        while (true) {
            try {
                return world.network().ask(name, what, request);
            } catch (NoAnswer | StoreException e) {
                world.coroutines().sleep(world.chance().seconds(0, 10));
            }
        }
    }
}
