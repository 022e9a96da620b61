package io.holdfast.agent.adapter.search;

import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.Limits;
import io.holdfast.agent.config.SearchConfig;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.time.Duration;

/** How one attempt talks to the cluster. */
record Cluster(SearchConfig config, RestClient rest) {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /**
     * For an attempt.
     *
     * @param refusal what it is when the engine does not do as it is asked, for no reason that has a code of its own
     */
    static Cluster of(SearchConfig config, FailureCode refusal, StopSignal stop) {
        return new Cluster(config, new RestClient(config, config.idleTimeout(), refusal, stop));
    }

    /** For the agent's own questions, which hold up all else that it does. */
    static Cluster inPassing(SearchConfig config) {
        return new Cluster(
                config,
                new RestClient(
                        config, Limits.inPassing(config.idleTimeout()), FailureCode.DUMP_FAILED, new StopSignal()));
    }

    /** To clear away after an attempt: its stop does not end that. */
    static Cluster afterwards(SearchConfig config) {
        Duration idle = config.idleTimeout().compareTo(PATIENCE) < 0 ? config.idleTimeout() : PATIENCE;
        return new Cluster(config, new RestClient(config, idle, FailureCode.INTERNAL, new StopSignal()));
    }

    /** Asks what it is. */
    Engine engine() throws IOException {
        return Engine.of(rest, config.kind());
    }

    /** One snapshot in a repository. */
    Repository repository(String name, String snapshot) {
        return new Repository(
                rest, Engine.withoutSystem(config.kind()), name, snapshot, config.idleTimeout(), config.toolTimeout());
    }
}
