package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.InPlaceRestore;
import io.holdfast.agent.adapter.OwnRepository;
import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.ServiceInspection;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.SearchConfig;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** OpenSearch 2 and newer, and Elasticsearch 8 and newer. */
public final class SearchAdapter implements Adapter, OwnRepository {
    private static final String RESTORE = "restore-";

    private final SearchConfig config;
    private final Path workDirectory;
    private final Marks marks;
    private final ProcessRunner runner;

    /**
     * An adapter for one cluster.
     *
     * @param workDirectory the agent's own; the data is elsewhere
     */
    public SearchAdapter(SearchConfig config, Path workDirectory, ProcessRunner runner) {
        this.config = config;
        this.workDirectory = workDirectory;
        this.marks = new Marks(workDirectory.resolve("begun"));
        this.runner = runner;
    }

    @Override
    public String service() {
        return config.kind();
    }

    @Override
    public ServiceInspection inspect() throws InterruptedException {
        List<String> warnings = new ArrayList<>();
        @Nullable String version = null;
        StopSignal never = new StopSignal();
        try {
            Cluster cluster = Cluster.inPassing(config);
            Engine engine = cluster.engine();
            version = engine.version();
            engine.requireSupported();
            place(cluster, never).require();
        } catch (IOException e) {
            warnings.add(String.valueOf(e.getMessage()));
        }
        return new ServiceInspection(version, List.of(), warnings);
    }

    @Override
    public Dump dump(BackupId backup, Attempt attempt) throws IOException, InterruptedException {
        Cluster cluster = Cluster.of(config, FailureCode.DUMP_FAILED, attempt.stop());
        SnapshotPlace place = place(cluster, attempt.stop());
        place.require();
        Engine engine = cluster.engine();
        engine.requireSupported();
        return new SearchDump(cluster.rest(), engine, place, backup, attempt.id());
    }

    @Override
    public Restore restore(RestoreJournal journal, Attempt attempt) {
        Cluster cluster = Cluster.of(config, FailureCode.RESTORE_FAILED, attempt.stop());
        return new InPlaceRestore(
                new SearchData(cluster, place(cluster, attempt.stop()), marks),
                new RestoreFiles(workDirectory, journal.entry().restore()),
                journal,
                attempt);
    }

    @Override
    public void tidy() throws IOException, InterruptedException {
        RestoreFiles.removeExpired(workDirectory);
        Cluster cluster = Cluster.afterwards(config);
        SnapshotPlace place = place(cluster, new StopSignal());
        place.tidy();
        if (marks.has(SearchData.TRIAL)) {
            Trial.remove(cluster.rest());
            marks.clear(SearchData.TRIAL);
        }
        for (String restore : marks.beginningWith(RESTORE)) {
            if (!RestoreFiles.has(workDirectory, restore)) {
                place.discard(restore);
                marks.clear(restore);
            }
        }
    }

    @Override
    public Optional<List<String>> snapshots() throws IOException {
        Optional<EngineStore> store = engineStore(Cluster.afterwards(config));
        return store.isEmpty() ? Optional.empty() : Optional.of(store.get().backups());
    }

    @Override
    public void removeSnapshots(List<String> backups) throws IOException {
        engineStore(Cluster.afterwards(config)).orElseThrow().remove(backups);
    }

    @Override
    public void close() {
        // Nothing is held open between jobs.
    }

    private SnapshotPlace place(Cluster cluster, StopSignal stop) {
        Path folder = config.repositoryPath();
        return folder == null
                ? engineStore(cluster).orElseThrow()
                : new SharedFolder(folder, cluster, marks, runner, stop);
    }

    private Optional<EngineStore> engineStore(Cluster cluster) {
        return Optional.ofNullable(config.engineRepository())
                .map(repository -> new EngineStore(repository, cluster, marks));
    }
}
