package io.holdfast.agent.work;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.Replicated;
import io.holdfast.agent.adapter.Replication;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.NodeRole;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the agent's node may do: the manager chooses a node by its role, and the agent looks again before an attempt
 * begins, since roles change at any time. For one thread.
 */
public final class NodeDuty {
    private static final Logger LOG = LoggerFactory.getLogger(NodeDuty.class);
    private static final Duration ANSWER = Duration.ofSeconds(15);

    private final Adapter adapter;
    private final boolean replicasBackUp;
    private final Duration mostBehind;
    private @Nullable String said;

    /**
     * Makes it.
     *
     * @param replicasBackUp whether backups may be made on replicas
     * @param mostBehind how far a replica may be behind its primary for that
     */
    public NodeDuty(Adapter adapter, boolean replicasBackUp, Duration mostBehind) {
        this.adapter = adapter;
        this.replicasBackUp = replicasBackUp;
        this.mostBehind = mostBehind;
    }

    /** The node's role now; null when it has none, or cannot be asked within some seconds. */
    @Nullable NodeRole role() throws InterruptedException {
        StopSignal stop = new StopSignal();
        Thread timer = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(ANSWER);
                stop.stop(StopSignal.Reason.AGENT_STOPPED);
            } catch (InterruptedException e) {
                // The answer is there.
            }
        });
        try {
            Optional<Replication> now = replication(stop);
            now.ifPresent(this::say);
            return now.map(this::role).orElse(null);
        } catch (IOException e) {
            // A job says so to whoever waits for it.
            LOG.debug("the node's role is not known", e);
            return null;
        } finally {
            timer.interrupt();
        }
    }

    /** Demands a node that a backup may be made on. */
    void requireForBackup(StopSignal stop) throws IOException, InterruptedException {
        Optional<Replication> now = replication(stop);
        if (now.isPresent() && role(now.get()) == NodeRole.UNUSED_REPLICA) {
            throw new JobException(
                    FailureCode.WRONG_NODE,
                    "the node is " + words(now.get()),
                    "look at its replication; another node may take the next attempt");
        }
    }

    /** Demands a node that a restore may be made on. */
    void requireForRestore(StopSignal stop) throws IOException, InterruptedException {
        Optional<Replication> now = replication(stop);
        if (now.isPresent() && now.get().replica()) {
            throw new JobException(
                    FailureCode.WRONG_NODE,
                    "the node is a replica now, and would not keep the restored data",
                    "the primary gets the next attempt, once its agent is online");
        }
    }

    private Optional<Replication> replication(StopSignal stop) throws IOException, InterruptedException {
        return adapter instanceof Replicated replicated ? Optional.of(replicated.replication(stop)) : Optional.empty();
    }

    private NodeRole role(Replication now) {
        if (!now.replica()) {
            return NodeRole.PRIMARY;
        }
        return replicasBackUp && isClose(now) ? NodeRole.REPLICA : NodeRole.UNUSED_REPLICA;
    }

    private boolean isClose(Replication now) {
        return now.behind() != null && now.behind().compareTo(mostBehind) <= 0;
    }

    private String words(Replication now) {
        if (!now.replica()) {
            return "the primary";
        }
        if (now.behind() == null) {
            return "a replica that does not follow its primary";
        }
        if (!isClose(now)) {
            return "a replica that is more than " + mostBehind.toSeconds() + " s behind its primary";
        }
        return replicasBackUp ? "a replica" : "a replica, and backups are made on the primary";
    }

    private void say(Replication now) {
        String words = words(now);
        if (!words.equals(said)) {
            LOG.info("this node is {}", words);
            said = words;
        }
    }
}
