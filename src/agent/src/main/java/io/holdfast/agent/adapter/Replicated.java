package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.StopSignal;
import java.io.IOException;

/** An adapter of a service whose nodes may follow one another. */
public interface Replicated {
    /**
     * How the node stands to others now. Asked again and again, by an agent that waits for a job too: once asked, it starts no
     * further program while the service answers.
     *
     * @throws IOException when the service cannot be asked
     */
    Replication replication(StopSignal stop) throws IOException, InterruptedException;
}
