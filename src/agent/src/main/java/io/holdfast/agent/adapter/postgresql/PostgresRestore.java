package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * A restore into new databases that change names with the live ones. Named by the restore's number: staged databases
 * {@code holdfast_new_<restore>_<n>}, replaced ones {@code holdfast_old_<restore>_<n>}, and an empty
 * {@code holdfast_maintenance_<restore>} to work from. Whether the swap has happened is asked of the catalogue, by the
 * OIDs in the journal.
 */
final class PostgresRestore implements Restore {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresRestore.class);
    private static final int SWAP_TRIES = 3;

    private final Server server;
    private final ClientTools tools;
    private final ProcessRunner runner;
    private final StopSignal stop;
    private final RestoreJournal journal;
    private final CrashPoints crashPoints;
    private final String maintenance;
    private int rollbackHours;
    private ClientTools.@Nullable Folder folder;

    PostgresRestore(
            Server server,
            ClientTools tools,
            ProcessRunner runner,
            StopSignal stop,
            RestoreJournal journal,
            CrashPoints crashPoints) {
        this.server = server;
        this.tools = tools;
        this.runner = runner;
        this.stop = stop;
        this.journal = journal;
        this.crashPoints = crashPoints;
        this.maintenance = "holdfast_maintenance_" + restoreId();
    }

    @Override
    public void preflight(RestoreOrder order) throws IOException, InterruptedException {
        ServerFacts facts = ServerFacts.of(psql(), server.maintenanceDatabase());
        Preflight.check(order.manifest(), facts, server.local());
    }

    @Override
    public void stage(RestoreOrder order) throws IOException, InterruptedException {
        rollbackHours = order.rollbackHours();
        clearStaged();
        run(server.maintenanceDatabase(), "CREATE DATABASE " + Sql.identifier(maintenance) + " TEMPLATE template0;");
        Staging staging = new Staging(server, folder(), psql(), runner, stop, order, restoreId());
        List<DatabaseProperties> databases = staging.databases();
        Globals globals = staging.globals();
        createRoles(globals);
        crashPoints.reached(CrashPoint.ROLES_CREATED);
        List<String> tablespaces = names("SELECT spcname AS name FROM pg_tablespace");
        run(maintenance, SwapSql.store("new_globals", globals.roles(), globals.applicable(server.user(), tablespaces)));
        List<SwapState.Database> staged = new ArrayList<>();
        for (DatabaseProperties database : databases) {
            staged.add(staging.stage(database, staged.size() + 1, tablespaces));
            crashPoints.reached(CrashPoint.DATABASE_STAGED);
        }
        List<String> notes = new ArrayList<>(staging.notes());
        globals.tablespaces().stream()
                .filter(tablespace -> !tablespaces.contains(tablespace))
                .forEach(tablespace -> notes.add("tablespace " + tablespace
                        + " does not exist here: its contents are in the default tablespace now"));
        if (globals.roles().contains(server.user())) {
            notes.add("password and attributes of role " + server.user() + " were left alone: the agent uses it");
        }
        journal.state(new SwapState(state().createdRoles(), staged, List.of(), notes));
    }

    @Override
    public void swap() throws IOException, InterruptedException {
        Map<String, SwapState.Live> live = psql().list(maintenance, SwapState.Live.QUERY, SwapState.Live.class).stream()
                .collect(Collectors.toMap(SwapState.Live::name, Function.identity()));
        SwapState planned = plan(state(), live);
        List<SwapState.Database> databases = planned.databases();
        rememberGlobals();
        journal.swapping(planned);
        crashPoints.reached(CrashPoint.SWAPPING_WRITTEN);
        run(maintenance, SwapSql.block(databases));
        crashPoints.reached(CrashPoint.LIVE_DATA_CLOSED);
        Instant keptUntil = Instant.now().plus(Duration.ofHours(rollbackHours));
        replaceSessionsAndRun(databases, SwapSql.swap(databases, keptUntil));
    }

    @Override
    public boolean swapped() throws IOException, InterruptedException {
        List<SwapState.Database> databases = state().databases();
        if (databases.isEmpty()) {
            return false;
        }
        Map<Long, String> names = psql().list(anyDatabase(), SwapState.Live.QUERY, SwapState.Live.class).stream()
                .collect(Collectors.toMap(SwapState.Live::oid, SwapState.Live::name));
        long renamed = databases.stream()
                .filter(database -> database.properties().name().equals(names.get(database.stagedOid())))
                .count();
        if (renamed != 0 && renamed != databases.size()) {
            throw new JobException(
                    FailureCode.NEEDS_OPERATOR,
                    "some restored databases have the live names and others have not, which no swap leaves behind",
                    "somebody has renamed databases: compare the names with the agent's journal");
        }
        return renamed != 0;
    }

    @Override
    public void validate() throws IOException, InterruptedException {
        for (SwapState.Database database : state().databases()) {
            String name = database.properties().name();
            ContentCounts.require(database.expected(), ContentCounts.of(psql(), name), name);
        }
    }

    @Override
    public Outcome commit() throws IOException, InterruptedException {
        run(server.maintenanceDatabase(), KeptDatabases.drop(maintenance));
        SwapState state = state();
        return new Outcome(
                state.databases().stream()
                        .map(database -> database.properties().name())
                        .toList(),
                state.leftAlone(),
                state.databases().stream()
                        .map(SwapState.Database::keptName)
                        .filter(name -> name != null)
                        .toList(),
                state.notes());
    }

    @Override
    public void rollBack() throws IOException, InterruptedException {
        if (swapped()) {
            List<SwapState.Database> databases = state().databases();
            run(maintenance, SwapSql.blockRestored(databases));
            replaceSessionsAndRun(databases, SwapSql.reverse(databases));
        }
        discard();
    }

    @Override
    public void discard() throws IOException, InterruptedException {
        if (anyDatabase().equals(maintenance)) {
            StringBuilder reopen = new StringBuilder();
            for (SwapState.Database database : state().databases()) {
                SwapState.Live live = database.live();
                if (live != null) {
                    reopen.append(live.reopen());
                }
            }
            run(maintenance, reopen.toString());
        }
        clearStaged();
    }

    /** Drops all that has this restore's number in its name, and the roles that it has created. */
    private void clearStaged() throws IOException, InterruptedException {
        String database = server.maintenanceDatabase();
        for (String staged : names("SELECT datname AS name FROM pg_database WHERE datname ~ '^holdfast_new_"
                + restoreId() + "_[0-9]+$'")) {
            run(database, KeptDatabases.drop(staged));
        }
        List<String> kept = new ArrayList<>();
        for (String role : state().createdRoles()) {
            try {
                run(database, "DROP ROLE IF EXISTS " + Sql.identifier(role) + ";");
            } catch (JobException e) {
                if (e.code() != FailureCode.RESTORE_FAILED) {
                    throw e;
                }
                kept.add(role); // somebody uses it already, so it is not ours to drop
            }
        }
        if (!kept.isEmpty()) {
            LOG.warn("restore {}: roles that were created for it are in use and stay: {}", restoreId(), kept);
        }
        run(database, KeptDatabases.drop(maintenance));
    }

    private void createRoles(Globals globals) throws IOException, InterruptedException {
        List<String> existing = names("SELECT rolname AS name FROM pg_roles");
        List<String> missing = globals.roles().stream()
                .filter(role -> !existing.contains(role))
                .toList();
        journal.state(new SwapState(missing, List.of(), List.of(), List.of()));
        for (String role : missing) {
            // With its attributes at once: an owner of an event trigger has to be a superuser, for example.
            StringBuilder sql = new StringBuilder("CREATE ROLE " + Sql.identifier(role) + ";\n");
            for (String attributes : globals.attributesOf(role)) {
                sql.append("DO $holdfast$ BEGIN EXECUTE convert_from('\\x")
                        .append(HexFormat.of().formatHex(attributes.getBytes(StandardCharsets.UTF_8)))
                        .append("', 'UTF8'); END $holdfast$;\n");
            }
            run(server.maintenanceDatabase(), sql.toString());
        }
    }

    /** The globals as they are now, for the way back. */
    private void rememberGlobals() throws IOException, InterruptedException {
        ProcessRunner.Outcome outcome = runner.run(
                server.command(
                        folder().program("pg_dumpall"),
                        List.of(
                                "--globals-only",
                                "--no-password",
                                "--dbname=" + server.uri(maintenance),
                                "--database=" + maintenance)),
                "",
                stop);
        if (!outcome.end().good()) {
            throw Psql.failure(outcome.end());
        }
        Globals globals = Globals.parse(outcome.output());
        List<String> tablespaces = names("SELECT spcname AS name FROM pg_tablespace");
        run(maintenance, SwapSql.store("old_globals", globals.roles(), globals.applicable(server.user(), tablespaces)));
    }

    private SwapState plan(SwapState staged, Map<String, SwapState.Live> live) {
        List<SwapState.Database> databases = new ArrayList<>();
        for (SwapState.Database database : staged.databases()) {
            SwapState.Live replaced = live.get(database.properties().name());
            databases.add(new SwapState.Database(
                    database.properties(),
                    database.stagedName(),
                    database.stagedOid(),
                    replaced == null ? null : "holdfast_old_" + restoreId() + "_" + (databases.size() + 1),
                    replaced,
                    database.expected()));
        }
        List<String> leftAlone = live.keySet().stream()
                .filter(name -> !name.equals("template0") && !name.matches("holdfast_(old|new|maintenance)_[0-9_]+"))
                .filter(name -> databases.stream()
                        .noneMatch(database -> database.properties().name().equals(name)))
                .sorted()
                .toList();
        return new SwapState(staged.createdRoles(), databases, leftAlone, staged.notes());
    }

    /** Sessions may come in between the moment when they are ended and the transaction, so this is tried more than once. */
    private void replaceSessionsAndRun(List<SwapState.Database> databases, String transaction)
            throws IOException, InterruptedException {
        for (int tries = 1; ; tries++) {
            run(maintenance, SwapSql.terminate(databases));
            try {
                run(maintenance, transaction);
                return;
            } catch (JobException e) {
                if (tries == SWAP_TRIES) {
                    throw e;
                }
                LOG.warn("restore {}: {}; trying again", restoreId(), e.getMessage());
            }
        }
    }

    /** A database that can be connected to: during a swap the live ones cannot. */
    private String anyDatabase() throws IOException, InterruptedException {
        try {
            run(maintenance, "SELECT 1;");
            return maintenance;
        } catch (JobException e) {
            if (e.getMessage() == null || !e.getMessage().contains("does not exist")) {
                throw e;
            }
            return server.maintenanceDatabase();
        }
    }

    private SwapState state() {
        JsonNode state = journal.entry().state();
        return state == null ? SwapState.EMPTY : Json.mapper().treeToValue(state, SwapState.class);
    }

    private long restoreId() {
        return journal.entry().restoreId();
    }

    private record Name(String name) {}

    private List<String> names(String query) throws IOException, InterruptedException {
        return psql().list(server.maintenanceDatabase(), query, Name.class).stream()
                .map(Name::name)
                .toList();
    }

    private void run(String database, String sql) throws IOException, InterruptedException {
        psql().run(database, sql);
    }

    private Psql psql() throws IOException, InterruptedException {
        return new Psql(server, folder().program("psql"), runner, stop);
    }

    /** The programs that fit the server, looked for once. */
    private ClientTools.Folder folder() throws IOException, InterruptedException {
        ClientTools.Folder found = folder;
        if (found == null) {
            found = tools.any(stop);
            folder = found; // enough to find a database to ask
            String database = anyDatabase();
            int major = ServerFacts.of(new Psql(server, found.program("psql"), runner, stop), database)
                    .major();
            found = tools.fitting(major, stop);
            folder = found;
        }
        return found;
    }
}
