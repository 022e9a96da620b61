package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.InPlaceRestore;
import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.Survey;
import io.holdfast.agent.adapter.directory.TreeArchive;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.SearchConfig;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** OpenSearch 2 and newer, and Elasticsearch 8 and newer. */
public final class SearchAdapter implements Adapter {
    private final SearchConfig config;
    private final ProcessRunner runner;
    private final CrashPoints crashPoints;
    private final SharedFolder folder;
    private final Leftovers leftovers;

    /**
     * An adapter for one cluster.
     *
     * @param workDirectory the agent's own; the data is in the configuration's shared folder
     */
    public SearchAdapter(SearchConfig config, Path workDirectory, ProcessRunner runner, CrashPoints crashPoints) {
        this.config = config;
        this.runner = runner;
        this.crashPoints = crashPoints;
        this.folder = new SharedFolder(config.repositoryPath());
        this.leftovers = new Leftovers(config, workDirectory);
    }

    @Override
    public String service() {
        return config.kind();
    }

    @Override
    public Survey survey() throws InterruptedException {
        List<String> warnings = new ArrayList<>();
        @Nullable String version = null;
        try {
            Engine engine = engine(new StopSignal());
            version = engine.version();
            engine.requireSupported();
            folder.require();
        } catch (IOException e) {
            warnings.add(String.valueOf(e.getMessage()));
        }
        return new Survey(version, List.of(), warnings);
    }

    @Override
    public Dump dump(StopSignal stop) throws IOException {
        folder.require();
        Engine engine = engine(stop);
        engine.requireSupported();
        return new SearchDump(config, engine, leftovers, new TreeArchive(runner, stop), stop);
    }

    @Override
    public Restore restore(RestoreJournal journal, StopSignal stop) {
        return new InPlaceRestore(
                new SearchData(config, leftovers, new TreeArchive(runner, stop), stop),
                new RestoreFiles(config.repositoryPath(), journal.entry().restoreId()),
                journal,
                crashPoints);
    }

    @Override
    public void tidy() throws IOException {
        RestoreFiles.removeExpired(config.repositoryPath());
        leftovers.removeOwn();
    }

    @Override
    public void close() {
        // Nothing is held open between jobs.
    }

    private Engine engine(StopSignal stop) throws IOException {
        return Engine.of(new RestClient(config, FailureCode.DUMP_FAILED, stop), config.kind());
    }
}
