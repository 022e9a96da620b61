package io.holdfast.agent.adapter;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** An adapter of a service that may keep the data of its backups in a repository of its own. */
public interface OwnRepository {
    /**
     * The backups whose data is in the service's own repository, by their names in the store in lower case; empty when its
     * settings say that there are no such backups.
     */
    Optional<List<String>> snapshots() throws IOException, InterruptedException;

    /** Removes the data of some of them: the manager needs it no more. */
    void removeSnapshots(List<String> backups) throws IOException, InterruptedException;
}
