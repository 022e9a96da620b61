package io.holdfast.manager.simulation;

import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.Phase;
import java.time.Duration;

/** One attempt at a job in an agent's process: its heartbeat runs beside its work. */
abstract class Attempt {
    private static final Duration HEARTBEAT = Duration.ofSeconds(20);

    final World world;
    final SimulatedAgent agent;
    final long job;
    final int epoch;
    private final Object process;
    private Phase phase = Phase.PREPARING;
    private boolean over;
    private boolean cancelled;

    Attempt(World world, SimulatedAgent agent, Object process, long job, int epoch) {
        this.world = world;
        this.agent = agent;
        this.process = process;
        this.job = job;
        this.epoch = epoch;
    }

    /** The attempt is not to go on. */
    static final class Stopped extends RuntimeException {
        private final FailureCode code;

        Stopped(FailureCode code) {
            super(code.name(), null, false, false);
            this.code = code;
        }
    }

    /** Does the work, and reports how it ended. */
    final void run() {
        world.coroutines().start(process, agent.name() + " heartbeat of job " + job, this::beat);
        try {
            work();
        } catch (Stopped e) {
            report(e.code);
        } catch (Fenced | HttpError e) {
            world.trace().add(agent.name(), "job " + job + " epoch " + epoch + " is fenced");
            fenced();
        } finally {
            over = true;
        }
    }

    abstract void work();

    /** Another attempt may run: nothing more is to be done. */
    void fenced() {}

    private void beat() {
        while (!over) {
            try {
                Phase now = phase;
                Heartbeat.Ack ack = world.network()
                        .ask(
                                agent.name(),
                                "heartbeat of job " + job + " " + now,
                                manager -> agent.requests().heartbeat(manager, job, epoch, now));
                cancelled |= ack.cancel();
            } catch (Network.NoAnswer e) {
                continue;
            } catch (Fenced | HttpError e) {
                over = true;
            }
            world.coroutines().await(HEARTBEAT, () -> over);
        }
    }

    /** Enters a phase. */
    final void enter(Phase next) {
        phase = next;
    }

    /** Works for a while, if the attempt may go on. */
    final void spend(int leastSeconds, int mostSeconds) {
        world.coroutines().sleep(world.chance().seconds(leastSeconds, mostSeconds));
        if (over) {
            throw new Fenced();
        }
        if (cancelled) {
            throw new Stopped(FailureCode.CANCELLED);
        }
    }

    final <T> T ask(String what, Network.Request<T> request) {
        return agent.ask(what + " of job " + job + " epoch " + epoch, request);
    }

    private void report(FailureCode code) {
        try {
            ask(
                    "failure " + code,
                    manager -> agent.requests().fail(manager, job, epoch, code, JobFailure.LiveData.UNTOUCHED));
        } catch (Fenced | HttpError e) {
            // The answer to an earlier try was lost, or another attempt runs.
        }
    }
}
