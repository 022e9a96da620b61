package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.LeftOut;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/** What in a cluster prevents a backup or a restore, so that it is reported before anything is touched. */
final class Conflicts {
    private static final String BRING_BACK =
            "start the nodes that have the shards; if they are lost, delete the indexes";

    /** How long shards may be missing that a node brings which is just starting. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long LOOK_MILLIS = 500;

    private Conflicts() {}

    /**
     * Throws {@code RESTORE_FAILED} when there is anything; gives what of the backup is to be restored, which is all of it
     * unless indexes may be left out.
     */
    static Inventory require(RestClient rest, Inventory backup, Inventory live, LeftOut leftOut) throws IOException {
        Inventory alone = live.without(backup);
        Set<String> twice = new TreeSet<>(backup.names());
        twice.addAll(backup.aliasNames());
        twice.addAll(backup.indices().keySet());
        Set<String> taken = new TreeSet<>(alone.names());
        taken.addAll(alone.indices().keySet());
        twice.retainAll(taken);
        Set<String> hidden = new TreeSet<>(backup.names());
        hidden.retainAll(alone.aliasNames());
        twice.addAll(hidden);
        Inventory left = backup.except(leave(
                backup.named(twice),
                twice,
                "in the cluster these names stand for something else than in the backup, such as an alias instead of an"
                        + " index",
                "delete or rename that first",
                leftOut));
        Set<String> red = incomplete(rest, live.sharedWith(left).indices().keySet());
        return left.except(leave(
                red,
                red,
                "these indexes would be replaced, and cannot be saved before, since shards are missing",
                BRING_BACK,
                leftOut));
    }

    private static Set<String> leave(
            Set<String> indices, Set<String> names, String message, String hint, LeftOut leftOut) throws IOException {
        if (!names.isEmpty() && !leftOut.allowed()) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    message + ": " + RestClient.shortened(String.join(", ", names)),
                    hint + ", " + LeftOut.HINT);
        }
        for (String index : indices) {
            leftOut.add(Trial.part(index), Trial.part(index) + ": " + message);
        }
        return indices;
    }

    /** Throws {@code DUMP_FAILED} when not all of the indexes can be read: much that is asked of such ones hangs. */
    static void requireComplete(RestClient rest, Collection<String> indices) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Set<String> red = incomplete(rest, indices);
        while (!red.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(LOOK_MILLIS);
            red = incomplete(rest, indices);
        }
        if (!red.isEmpty()) {
            throw new JobException(
                    FailureCode.DUMP_FAILED,
                    "shards of these indexes are missing: " + RestClient.shortened(String.join(", ", red)),
                    BRING_BACK);
        }
    }

    private static Set<String> incomplete(RestClient rest, Collection<String> indices) throws IOException {
        Set<String> red = new TreeSet<>();
        for (String list : RestClient.lists(indices)) {
            rest.get("/_cluster/health/" + list + "?level=indices&expand_wildcards=all&filter_path=indices.*.status")
                    .path("indices")
                    .properties()
                    .forEach(index -> {
                        if (index.getValue().path("status").asString("").equals("red")) {
                            red.add(index.getKey());
                        }
                    });
        }
        return red;
    }
}
