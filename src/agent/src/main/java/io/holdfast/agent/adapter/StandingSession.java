package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.StopSignal;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A client program that stays connected to its server for what is asked again and again, however long nothing else is to be
 * done: it is started only when there is none, or when the one that was there does not answer any more, such as after the
 * server's restart. May be used by any thread.
 *
 * @param <P> the program; closing it ends it
 */
public final class StandingSession<P extends StandingSession.Program> implements AutoCloseable {
    /** What is asked. */
    public interface Program extends AutoCloseable {
        @Override
        void close();
    }

    /** Starts a program. */
    public interface Start<P> {
        /**
         * Starts it.
         *
         * @param life ends it
         */
        P start(StopSignal life) throws IOException, InterruptedException;
    }

    /** Asks a program. */
    public interface Question<P, T> {
        T ask(P program) throws IOException, InterruptedException;
    }

    /** A program, and what ends it: it lives longer than who asks. */
    private record Running<P>(P program, StopSignal life) {}

    private final Start<P> start;
    private @Nullable Running<P> running;

    /** Nothing is started yet. */
    public StandingSession(Start<P> start) {
        this.start = start;
    }

    /**
     * Asks the program that is there; a new one when there is none, or when that one fails.
     *
     * @param stop ends the program, and the question with it
     */
    public synchronized <T> T ask(Question<P, T> question, StopSignal stop) throws IOException, InterruptedException {
        Running<P> before = running;
        if (before != null) {
            try {
                return ask(before, question, stop);
            } catch (IOException e) {
                stop.check(); // else it may have been that program only
            }
        }
        StopSignal life = new StopSignal();
        P program;
        try (StopSignal.Registration _ = stop.onStop(() -> life.stop(StopSignal.Reason.AGENT_STOPPED))) {
            stop.check();
            program = start.start(life);
        }
        Running<P> now = new Running<>(program, life);
        running = now;
        return ask(now, question, stop);
    }

    private <T> T ask(Running<P> of, Question<P, T> question, StopSignal stop)
            throws IOException, InterruptedException {
        boolean answered = false;
        try (StopSignal.Registration _ = stop.onStop(() -> of.life.stop(StopSignal.Reason.AGENT_STOPPED))) {
            T answer = question.ask(of.program);
            answered = true;
            return answer;
        } finally {
            if (!answered) {
                close();
            }
        }
    }

    /** Ends the program, if there is one; the next question starts another one. */
    @Override
    public synchronized void close() {
        Running<P> now = running;
        running = null;
        if (now != null) {
            now.program.close();
        }
    }
}
