package io.holdfast.manager.simulation;

import io.holdfast.manager.ManagerCore;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.store.StoreException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Carries requests to the managers and answers back: late, twice, or not at all. */
final class Network {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final World world;
    private final Map<String, Long> cutUntil = new HashMap<>();
    private boolean reliable;

    Network(World world) {
        this.world = world;
    }

    /** A request was sent, and no answer came; it may have been done. */
    static final class NoAnswer extends Exception {
        NoAnswer() {
            super("no answer", null, false, false);
        }
    }

    /** What a manager does about a request. */
    interface Request<T> {
        T handle(ManagerCore manager) throws Exception;
    }

    private static final class Reply<T> {
        private boolean came;
        private Optional<T> value = Optional.empty();
        private @Nullable RuntimeException failure;
    }

    /** From now on nothing is lost. */
    void heal() {
        reliable = true;
        cutUntil.clear();
    }

    /** Nobody there hears the other for a while. */
    void cut(String one, String other, Duration length) {
        cutUntil.put(one + "/" + other, world.time().passedMillis() + length.toMillis());
    }

    boolean isCut(String one, String other) {
        return cutUntil.getOrDefault(one + "/" + other, 0L) > world.time().passedMillis();
    }

    /** Whether this message gets lost. */
    boolean loses() {
        return !reliable && world.chance().perMille(25);
    }

    private void travel() {
        if (!reliable) {
            world.coroutines()
                    .sleep(
                            world.chance().perMille(20)
                                    ? world.chance().seconds(1, 120)
                                    : Duration.ofMillis(world.chance().below(80)));
        }
    }

    /**
     * Asks any manager, in a coroutine of the caller's.
     *
     * @throws NoAnswer when none came in time
     */
    <T> T ask(String who, String what, Request<T> request) throws NoAnswer {
        ManagerProcess manager = world.chance().oneOf(world.managers());
        Reply<T> reply = new Reply<>();
        if (!manager.isUp() || isCut(who, manager.name()) || loses()) {
            world.coroutines().sleep(manager.isUp() ? PATIENCE : Duration.ofSeconds(1));
            throw new NoAnswer();
        }
        deliver(who, what, manager, request, reply);
        if (!reliable && world.chance().perMille(20)) {
            deliver(who, what + ", twice", manager, request, new Reply<>());
        }
        if (!world.coroutines().await(PATIENCE, () -> reply.came)) {
            throw new NoAnswer();
        }
        if (reply.failure != null) {
            throw reply.failure;
        }
        return reply.value.orElseThrow();
    }

    private <T> void deliver(String who, String what, ManagerProcess manager, Request<T> request, Reply<T> reply) {
        world.coroutines().start(manager, manager.name() + " for " + who + ": " + what, () -> {
            travel();
            try {
                reply.value = Optional.of(request.handle(manager.run()));
            } catch (Fenced | HttpError | StoreException e) {
                reply.failure = e;
            }
            world.trace().add(manager.name(), who + ": " + what + (reply.failure == null ? "" : ": " + reply.failure));
            if (!loses() && !isCut(who, manager.name())) {
                travel();
                reply.came = true;
            }
        });
    }
}
