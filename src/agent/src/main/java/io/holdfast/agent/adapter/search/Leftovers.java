package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.SearchConfig;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * What backups and the trials of restores leave in the cluster and in the shared folder when they are cut off. A mark in
 * the agent's own folder tells that it was this agent who began: others may work in the same cluster.
 */
final class Leftovers {
    /** How the names of indexes begin that are there for a trial only. */
    static final String TRIAL = "holdfast-trial-";

    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);
    private static final String DUMP_MARK = "dump-begun";
    private static final String TRIAL_MARK = "trial-begun";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final SearchConfig config;
    private final Path workDirectory;

    Leftovers(SearchConfig config, Path workDirectory) {
        this.config = config;
        this.workDirectory = workDirectory;
    }

    /** From here on there may be something of a dump. */
    void expectDump() throws IOException {
        mark(DUMP_MARK);
    }

    /** From here on there may be something of a trial. */
    void expectTrial() throws IOException {
        mark(TRIAL_MARK);
    }

    /** Removes all that agents that were cut off have left, if it was this one. */
    void removeOwn() throws IOException {
        if (Files.exists(workDirectory.resolve(DUMP_MARK))) {
            removeDump();
        }
        if (Files.exists(workDirectory.resolve(TRIAL_MARK))) {
            removeTrial();
        }
    }

    /** Removes a dump, whoever began it. */
    void removeDump() throws IOException {
        repository(rest(), SearchDump.REPOSITORY).unregister();
        RestoreFiles.makeEmpty(new SharedFolder(config.repositoryPath()).dump());
        Files.deleteIfExists(workDirectory.resolve(DUMP_MARK));
    }

    /** Removes the indexes of a trial, whoever began it. */
    void removeTrial() throws IOException {
        RestClient rest = rest();
        List<String> names = new ArrayList<>();
        for (JsonNode index :
                rest.get("/_resolve/index/" + TRIAL + "*?expand_wildcards=all").path("indices")) {
            names.add(index.path("name").asString(""));
        }
        for (String list : RestClient.lists(names)) {
            rest.delete("/" + list + "?ignore_unavailable=true");
        }
        repository(rest, SearchData.BACKUP_REPOSITORY).unregister();
        Files.deleteIfExists(workDirectory.resolve(TRIAL_MARK));
    }

    /** The same at an end that must not hide how it came to it: what cannot be removed now is removed later. */
    void removeDumpAfterAll() {
        quietly(this::removeDump);
    }

    /** The same for a trial. */
    void removeTrialAfterAll() {
        quietly(this::removeTrial);
    }

    private Repository repository(RestClient rest, String name) {
        return new Repository(rest, new Engine(config.kind(), ""), name, PATIENCE);
    }

    private interface Removal {
        void run() throws IOException;
    }

    private static void quietly(Removal removal) {
        try {
            removal.run();
        } catch (IOException e) {
            LOG.warn("something is left in the cluster, and will be removed later: {}", e.getMessage());
        }
    }

    private void mark(String name) throws IOException {
        Files.createDirectories(workDirectory);
        Files.writeString(workDirectory.resolve(name), "");
    }

    /** Also works when the attempt was stopped. */
    private RestClient rest() {
        SearchConfig patient = new SearchConfig(
                config.kind(),
                config.host(),
                config.port(),
                config.user(),
                config.password(),
                config.caFile(),
                config.repositoryPath(),
                config.idleTimeout().compareTo(PATIENCE) < 0 ? config.idleTimeout() : PATIENCE,
                config.toolTimeout());
        return new RestClient(patient, FailureCode.INTERNAL, new StopSignal());
    }
}
