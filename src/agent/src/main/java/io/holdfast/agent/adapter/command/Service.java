package io.holdfast.agent.adapter.command;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.config.CommandConfig;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stops and starts the service. What tells it to may only have begun it when it ends (as {@code monit} does), so both are
 * waited for, as long as one of the other commands may take. For one thread. Does nothing where the service runs on.
 */
final class Service {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final CommandConfig config;
    private final Commands commands;

    Service(CommandConfig config, Commands commands) {
        this.config = config;
        this.commands = commands;
    }

    /** Whether the service has to be stopped. */
    boolean stops() {
        return config.service() != null;
    }

    /** Whether it has stopped. */
    boolean hasStopped() throws IOException, InterruptedException {
        CommandConfig.Service service = config.service();
        return service != null && is(service.stopped());
    }

    /**
     * Stops it, also when it does not run: what watches over it may be about to start it.
     *
     * @throws JobException {@code RESTORE_FAILED} when it runs on
     */
    void stop() throws IOException, InterruptedException {
        CommandConfig.Service service = config.service();
        if (service != null) {
            String failure = become(service.stop(), service.stopped());
            if (failure != null) {
                throw new JobException(
                        FailureCode.RESTORE_FAILED,
                        "the service did not stop: " + failure,
                        "run stop_command and stopped_command by hand as the agent's user, and look at what they say");
            }
        }
    }

    /**
     * Starts it, unless it runs, and waits until it does.
     *
     * @param stopping whether a stop that was told, and not waited for, may still come
     * @throws JobException with the code when it does not run
     */
    void start(boolean stopping, FailureCode whenItFails) throws IOException, InterruptedException {
        CommandConfig.Service service = config.service();
        if (service == null) {
            return;
        }
        if (stopping && !is(service.stopped())) {
            become(List.of(), service.stopped()); // one that never stops is one that runs
        }
        if (!is(service.running())) {
            String failure = become(service.start(), service.running());
            if (failure != null) {
                throw new JobException(
                        whenItFails,
                        "the service is not running: " + failure,
                        "run start_command and running_command by hand as the agent's user, and look at what they say");
            }
        }
    }

    private boolean is(List<String> asking) throws IOException, InterruptedException {
        return commands.end(asking).good();
    }

    /**
     * Runs a command until it ends well, and another until that does: both in the time for one.
     *
     * @return null, or why it has not come to that
     */
    private @Nullable String become(List<String> telling, List<String> asking)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + config.stepTimeout().toNanos();
        boolean told = telling.isEmpty();
        String said = "";
        while (true) {
            if (!told) {
                ProcessEnd answer = commands.end(telling);
                told = answer.good();
                said = told ? "" : answer.description() + "; ";
            }
            ProcessEnd state = commands.end(asking);
            if (state.good()) {
                return null;
            }
            if (System.nanoTime() - end >= 0) {
                return said + "after " + config.stepTimeout().toSeconds() + " s, " + state.description();
            }
            Thread.sleep(PAUSE);
        }
    }
}
