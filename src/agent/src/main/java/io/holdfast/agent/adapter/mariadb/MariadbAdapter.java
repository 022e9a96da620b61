package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.InPlaceRestore;
import io.holdfast.agent.adapter.PrivateFile;
import io.holdfast.agent.adapter.Replicated;
import io.holdfast.agent.adapter.Replication;
import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.ServiceInspection;
import io.holdfast.agent.adapter.StandingSession;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** MariaDB 10.5 and newer, or MySQL 8.4 and newer: which of them, the settings' kind says. */
public final class MariadbAdapter implements Adapter, Replicated {
    private final MariadbConfig config;
    private final Product product;
    private final PrivateFile optionFile;
    private final Path workDirectory;
    private final ProcessRunner runner;
    private final StandingSession<StandingClient> standing =
            new StandingSession<>(life -> client(life).standing(life));
    private final ReplicaStatus replicaStatus = new ReplicaStatus();

    /**
     * An adapter for one server.
     *
     * @param workDirectory for a restore's files
     * @param runDirectory for a file with the password, as long as the adapter is open
     */
    public MariadbAdapter(MariadbConfig config, Path workDirectory, Path runDirectory, ProcessRunner runner)
            throws IOException {
        this.config = config;
        this.product = Product.of(config.kind());
        this.optionFile = PrivateFile.write(runDirectory, product.kind(), Client.optionFile(config));
        this.workDirectory = workDirectory;
        this.runner = runner;
    }

    @Override
    public String service() {
        return product.kind();
    }

    @Override
    public ServiceInspection inspect() throws InterruptedException {
        StopSignal never = new StopSignal();
        List<String> warnings = new ArrayList<>();
        ClientTools tools;
        try {
            tools = ClientTools.find(product, config.toolDirectories(), runner, never);
        } catch (IOException e) {
            return new ServiceInspection(null, List.of(), List.of(String.valueOf(e.getMessage())));
        }
        String toolWarning = product.warning(tools.version());
        if (toolWarning != null) {
            warnings.add("the " + product.title() + " client programs in "
                    + tools.dump().getParent() + ": " + toolWarning);
        }
        String version = null;
        try {
            Client client = client(tools, never);
            ServerFacts facts = ServerFacts.of(client);
            version = facts.version();
            if (facts.otherTables() > 0) {
                warnings.add(facts.otherTables()
                        + " tables are not InnoDB tables: a backup has them as they are while it reads"
                        + " them, not as of one moment");
            }
            facts.requireRightsToDump();
            facts.requireAllRows();
            facts.requireRightsToRestore();
            List<Account> accounts = Accounts.of(client);
            Granter.of(client).require(accounts, accounts);
        } catch (IOException e) {
            warnings.add(String.valueOf(e.getMessage()));
        }
        return new ServiceInspection(version, tools.tools(), warnings);
    }

    @Override
    public Replication replication(StopSignal stop) throws IOException, InterruptedException {
        return standing.ask(replicaStatus::of, stop);
    }

    @Override
    public Dump dump(BackupId backup, Attempt attempt) throws IOException, InterruptedException {
        Client client = client(attempt.stop());
        ServerFacts facts = ServerFacts.of(client);
        facts.requireRightsToDump();
        facts.requireAllRows();
        List<Schema> schemas = chosen(Schema.of(client));
        List<String> names = schemas.stream().map(Schema::name).toList();
        Schema.requireDumpableEvents(client, names);
        List<SchemaObject> broken = SchemaObject.brokenViews(client, names);
        if (!broken.isEmpty()) {
            throw new JobException(
                    FailureCode.DUMP_FAILED,
                    "views refer to objects that no longer exist, and cannot be dumped: " + broken,
                    "drop them, or create the tables, columns, functions or rights that they need");
        }
        long bytes = Schema.bytes(client, names);
        return new MariadbDump(client, attempt.stop(), facts.version(), schemas, bytes, Schema.notes(client, names));
    }

    @Override
    public Restore restore(RestoreJournal journal, Attempt attempt) {
        standing.close(); // it has nothing to do there
        return new InPlaceRestore(
                new MariadbData(() -> client(attempt.stop()), attempt.stop()),
                new RestoreFiles(workDirectory, journal.entry().restore()),
                journal,
                attempt);
    }

    @Override
    public void tidy() throws IOException, InterruptedException {
        RestoreFiles.removeExpired(workDirectory, folder -> {
            List<String> schemas = CutOver.kept(folder);
            if (!schemas.isEmpty()) {
                CutOver.drop(client(new StopSignal()), schemas);
            }
        });
    }

    @Override
    public void close() {
        standing.close();
        optionFile.close();
    }

    private List<Schema> chosen(List<Schema> all) throws JobException {
        if (config.schemas().isEmpty()) {
            return all;
        }
        List<String> missing = new ArrayList<>(config.schemas());
        all.forEach(schema -> missing.remove(schema.name()));
        if (!missing.isEmpty()) {
            throw new JobException(
                    FailureCode.DUMP_FAILED,
                    "the server does not have the schemas " + missing,
                    "check adapter.schemas; names of the server's own schemas must not be in it");
        }
        return all.stream()
                .filter(schema -> config.schemas().contains(schema.name()))
                .toList();
    }

    private Client client(StopSignal stop) throws IOException, InterruptedException {
        return client(ClientTools.find(product, config.toolDirectories(), runner, stop), stop);
    }

    private Client client(ClientTools tools, StopSignal stop) {
        return new Client(config, optionFile.path(), tools, runner, stop);
    }
}
