package io.holdfast.agent.adapter.search;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/** What in a cluster stands against a restore, so that it is told before anything is touched. */
final class Conflicts {
    private Conflicts() {}

    /** Throws {@code RESTORE_FAILED} when there is anything. */
    static void require(RestClient rest, Inventory backup, Inventory live) throws IOException {
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
        if (!twice.isEmpty()) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    "what the backup has under these names is something else in the cluster, such as an alias instead of"
                            + " an index: " + RestClient.shortened(String.join(", ", twice)),
                    "delete or rename that first");
        }
        for (String list : RestClient.lists(live.sharedWith(backup).indices().keySet())) {
            Set<String> red = new TreeSet<>();
            rest.get("/_cluster/health/" + list + "?level=indices&expand_wildcards=all&filter_path=indices.*.status")
                    .path("indices")
                    .properties()
                    .forEach(index -> {
                        if (index.getValue().path("status").asString("").equals("red")) {
                            red.add(index.getKey());
                        }
                    });
            if (!red.isEmpty()) {
                throw new JobException(
                        FailureCode.RESTORE_FAILED,
                        "these indexes would be replaced, and cannot be saved before, since shards are missing: "
                                + RestClient.shortened(String.join(", ", red)),
                        "bring back the nodes that have the shards; if they are lost, delete the indexes");
            }
        }
    }
}
