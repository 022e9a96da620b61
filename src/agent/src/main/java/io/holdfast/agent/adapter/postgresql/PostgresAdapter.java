package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.Replicated;
import io.holdfast.agent.adapter.Replication;
import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.ServiceInspection;
import io.holdfast.agent.adapter.StandingSession;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.PostgresqlConfig;
import io.holdfast.agent.process.ProcessRunner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** PostgreSQL 12 to 18, through its own client programs. */
public final class PostgresAdapter implements Adapter, Replicated {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresAdapter.class);

    private final Server server;
    private final ClientTools tools;
    private final ProcessRunner runner;
    private final StandingSession<Psql> standing = new StandingSession<>(this::standing);

    /**
     * An adapter for one server.
     *
     * @param runDirectory for a file with the password, as long as the adapter is open
     */
    public PostgresAdapter(PostgresqlConfig config, Path runDirectory, ProcessRunner runner) throws IOException {
        this.server = new Server(config, runDirectory);
        this.tools = new ClientTools(config.toolDirectories(), config.refuseUnsafeTools(), runner);
        this.runner = runner;
    }

    @Override
    public String service() {
        return "postgresql";
    }

    @Override
    public ServiceInspection inspect() throws InterruptedException {
        StopSignal never = new StopSignal();
        List<String> warnings = new ArrayList<>();
        ClientTools.Folder folder;
        try {
            folder = tools.any(never);
        } catch (IOException e) {
            return new ServiceInspection(null, List.of(), List.of(message(e)));
        }
        ServerFacts facts = null;
        try {
            facts = facts(folder, never);
            folder = tools.fitting(facts.major(), never);
            if (!facts.superuser()) {
                warnings.add("the database user " + server.user() + " is not a superuser: backups will fail");
            }
            for (String database : facts.invalidDatabases()) {
                warnings.add("database " + database + " was left by an interrupted DROP DATABASE, and will not be in"
                        + " backups: drop it");
            }
            for (String database : facts.closedDatabases()) {
                warnings.add("database " + database + " accepts no connections and will not be in backups");
            }
        } catch (IOException e) {
            warnings.add(message(e));
        }
        String toolWarning = folder.version().warning();
        if (toolWarning != null) {
            warnings.add("the PostgreSQL client programs in " + folder.path() + ": " + toolWarning);
        }
        return new ServiceInspection(facts == null ? null : facts.version(), folder.tools(), warnings);
    }

    @Override
    public Replication replication(StopSignal stop) throws IOException, InterruptedException {
        return standing.ask(psql -> Standby.replication(psql, server.maintenanceDatabase()), stop);
    }

    @Override
    public Dump dump(BackupId backup, Attempt attempt) throws IOException, InterruptedException {
        String maintenance = server.maintenanceDatabase();
        try (Psql psql = psql(tools.any(attempt.stop()), attempt.stop())) {
            ServerFacts facts = ServerFacts.of(psql, maintenance);
            server.is(facts);
            PostgresDump.requireSuperuser(facts);
            ClientTools.Folder folder = tools.fitting(facts.major(), attempt.stop());
            List<DatabaseProperties> databases =
                    psql.list(maintenance, DatabaseProperties.QUERY, DatabaseProperties.class);
            List<String> notes = BackupNotes.of(psql, maintenance, databases);
            notes.forEach(LOG::warn);
            return new PostgresDump(
                    new Programs(server, folder, runner, attempt.stop()),
                    facts,
                    databases,
                    AllRoles.settings(psql, maintenance),
                    notes);
        }
    }

    @Override
    public Restore restore(RestoreJournal journal, Attempt attempt) {
        standing.close(); // it is connected to a database that will be renamed
        return new PostgresRestore(server, tools, runner, journal, attempt);
    }

    @Override
    public void tidy() throws IOException, InterruptedException {
        StopSignal never = new StopSignal();
        try (Psql psql = psql(tools.any(never), never)) {
            KeptDatabases.dropExpired(psql, server.maintenanceDatabase());
        }
    }

    @Override
    public void close() {
        standing.close();
        server.close();
    }

    private ServerFacts facts(ClientTools.Folder folder, StopSignal stop) throws IOException, InterruptedException {
        try (Psql psql = psql(folder, stop)) {
            ServerFacts facts = ServerFacts.of(psql, server.maintenanceDatabase());
            server.is(facts);
            return facts;
        }
    }

    private Psql psql(ClientTools.Folder folder, StopSignal stop) {
        server.isAtMost(folder.version());
        return new Psql(server, folder.program("psql"), runner, stop);
    }

    private Psql standing(StopSignal life) throws IOException, InterruptedException {
        ClientTools.Folder folder = tools.any(life);
        server.isAtMost(folder.version());
        return Psql.standing(server, folder.program("psql"), runner, life);
    }

    private static String message(IOException e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
