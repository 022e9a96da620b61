package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private final Attempt attempt;
    private final String maintenance;
    private int rollbackHours;
    private ClientTools.@Nullable Folder folder;
    private @Nullable ServerFacts facts;
    private @Nullable Psql psql;

    PostgresRestore(Server server, ClientTools tools, ProcessRunner runner, RestoreJournal journal, Attempt attempt) {
        this.server = server;
        this.tools = tools;
        this.runner = runner;
        this.stop = attempt.stop();
        this.journal = journal;
        this.attempt = attempt;
        this.maintenance = "holdfast_maintenance_" + restoreId();
    }

    @Override
    public void preflight(RestoreOrder order) throws IOException, InterruptedException {
        Preflight.check(order.manifest(), facts(), server.local());
    }

    @Override
    public void stage(RestoreOrder order) throws IOException, InterruptedException {
        rollbackHours = order.rollbackHours();
        clearStaged();
        run(server.maintenanceDatabase(), "CREATE DATABASE " + Sql.identifier(maintenance) + " TEMPLATE template0;");
        List<String> notes = new ArrayList<>(order.manifest().notes());
        Staging staging = new Staging(
                new Programs(server, folder(), runner, stop),
                psql(),
                order,
                journal.entry().restore(),
                notes);
        List<DatabaseProperties> databases = staging.databases();
        Globals globals = staging.globals();
        createRoles(globals);
        attempt.reached(CrashPoint.ROLES_CREATED);
        List<String> tablespaces = names("SELECT spcname AS name FROM pg_tablespace");
        run(
                maintenance,
                SwapSql.store("new_globals", globals.roles(), globals.applicable(server.user(), tablespaces))
                        + SwapSql.tried("new_globals"));
        psql().list(maintenance, "SELECT note AS name FROM public.notes", Name.class)
                .forEach(note -> notes.add(note.name()));
        psql().restoring();
        List<SwapState.Database> staged = new ArrayList<>();
        for (DatabaseProperties database : databases) {
            staged.add(staging.stage(database, staged.size() + 1, tablespaces));
            attempt.reached(CrashPoint.DATABASE_STAGED);
        }
        globals.tablespaces().stream()
                .filter(tablespace -> !tablespaces.contains(tablespace))
                .forEach(tablespace -> notes.add("tablespace " + tablespace
                        + " does not exist here: its contents are in the default tablespace now"));
        if (globals.roles().contains(server.user())) {
            notes.add("password and attributes of role " + server.user() + " were not changed: the agent uses it");
        }
        journal.state(new SwapState(state().createdRoles(), staged, List.of(), notes));
    }

    @Override
    public void swap() throws IOException, InterruptedException {
        Map<String, SwapState.Live> live = psql().list(maintenance, SwapState.Live.QUERY, SwapState.Live.class).stream()
                .collect(Collectors.toMap(SwapState.Live::name, Function.identity()));
        rememberGlobals();
        SwapState planned = plan(state(), live);
        List<SwapState.Database> databases = planned.databases();
        List<String> invalid = databases.stream()
                .filter(database -> database.live() == null)
                .map(database -> database.properties().name())
                .filter(live::containsKey)
                .toList();
        journal.swapping(planned);
        attempt.reached(CrashPoint.SWAPPING_WRITTEN);
        run(maintenance, SwapSql.clear(invalid) + SwapSql.block(databases));
        attempt.reached(CrashPoint.LIVE_DATA_CLOSED);
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
                    "some restored databases have the live names and others do not, which no cut-over leaves behind",
                    "somebody has renamed databases: compare the names with the agent's journal");
        }
        return renamed != 0;
    }

    @Override
    public void validate() throws IOException, InterruptedException {
        for (SwapState.Database database : state().databases()) {
            String name = database.properties().name();
            ContentCounts.requireAtLeast(database.expected(), ContentCounts.of(psql(), name), name);
        }
    }

    @Override
    public Outcome commit() throws IOException, InterruptedException {
        SwapState state = state();
        List<String> notes = new ArrayList<>(state.notes());
        if (anyDatabase().equals(maintenance)) { // else this was done before a crash
            run(maintenance, SwapSql.open(state.databases()));
            notes.addAll(deferred());
            notes.addAll(AfterSwap.slots(psql(), maintenance, state.databases()));
        }
        run(server.maintenanceDatabase(), KeptDatabases.drop(maintenance));
        return new Outcome(
                state.databases().stream()
                        .map(database -> database.properties().name())
                        .toList(),
                state.leftAlone(),
                state.databases().stream()
                        .map(SwapState.Database::keptName)
                        .filter(name -> name != null)
                        .toList(),
                notes);
    }

    /** Tries once again what was refused before the cut-over, and tells what is refused still. */
    private List<String> deferred() throws IOException, InterruptedException {
        List<String> notes = new ArrayList<>();
        Map<String, List<Deferred>> byDatabase = psql().list(maintenance, Deferred.QUERY, Deferred.class).stream()
                .collect(Collectors.groupingBy(Deferred::database, LinkedHashMap::new, Collectors.toList()));
        for (Map.Entry<String, List<Deferred>> each : byDatabase.entrySet()) {
            List<Deferred> tries = each.getValue();
            List<Psql.@Nullable Refused> outcomes = psql().attempt(
                            each.getKey(),
                            tries.stream().map(Deferred::statement).toList());
            for (int i = 0; i < tries.size(); i++) {
                String note = tries.get(i).note(outcomes.get(i));
                if (note != null) {
                    notes.add(note);
                }
            }
        }
        return notes;
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
        run(database, SwapSql.endMaking(restoreId()));
        KeptDatabases.dropAll(
                psql(),
                database,
                names("SELECT datname AS name FROM pg_database WHERE datname ~ '^holdfast_new_" + restoreId()
                        + "_[0-9]+$'"));
        List<String> created = state().createdRoles();
        List<String> kept = new ArrayList<>();
        List<Psql.@Nullable Refused> outcomes = psql().attempt(
                        database,
                        created.stream()
                                .map(role -> Psql.Statement.of("DROP ROLE IF EXISTS " + Sql.identifier(role)))
                                .toList());
        for (int i = 0; i < created.size(); i++) {
            if (outcomes.get(i) != null) {
                kept.add(created.get(i)); // somebody uses it already, so it is not ours to drop
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
        StringBuilder create = new StringBuilder();
        List<Psql.Statement> changes = new ArrayList<>();
        for (String role : missing) {
            create.append("CREATE ROLE " + Sql.identifier(role) + ";\n");
            // With its attributes at once: an owner of an event trigger has to be a superuser, for example.
            globals.attributesOf(role).forEach(each -> changes.add(Psql.Statement.of(each)));
        }
        // And with what it is a member of: it may have its rights on other objects from there.
        globals.membershipsOf(missing).forEach(each -> changes.add(Psql.Statement.of(each)));
        run(server.maintenanceDatabase(), create.toString());
        psql().attempt(server.maintenanceDatabase(), changes); // what is refused here is tried again with all globals
    }

    /** The globals as they are now, for the way back. */
    private void rememberGlobals() throws IOException, InterruptedException {
        String ofAll = AllRoles.settings(psql(), maintenance);
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
            throw ToolFailure.of(outcome.end());
        }
        Globals globals = Globals.parse(outcome.output() + ofAll);
        List<String> tablespaces = names("SELECT spcname AS name FROM pg_tablespace");
        run(
                maintenance,
                SwapSql.store("old_globals", globals.roles(), globals.applicable(server.user(), tablespaces))
                        + SwapSql.tried("old_globals"));
    }

    private SwapState plan(SwapState staged, Map<String, SwapState.Live> live) {
        List<SwapState.Database> databases = new ArrayList<>();
        for (SwapState.Database database : staged.databases()) {
            SwapState.Live named = live.get(database.properties().name());
            SwapState.Live replaced = named == null || named.invalid() ? null : named;
            databases.add(new SwapState.Database(
                    database.properties(),
                    database.stagedName(),
                    database.stagedOid(),
                    replaced == null ? null : "holdfast_old_" + restoreId() + "_" + (databases.size() + 1),
                    replaced,
                    database.expected()));
        }
        List<String> leftAlone = live.values().stream()
                .filter(each -> !each.invalid())
                .map(SwapState.Live::name)
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

    /** A database that can be connected to: during a swap the live ones cannot, and after it the other one is gone. */
    private String anyDatabase() throws IOException, InterruptedException {
        try {
            String found = psql().run(
                            server.maintenanceDatabase(),
                            "SELECT count(*) FROM pg_database WHERE datname = " + Sql.literal(maintenance) + ";");
            return found.strip().equals("0") ? server.maintenanceDatabase() : maintenance;
        } catch (JobException e) {
            try {
                run(maintenance, "SELECT 1;");
                return maintenance;
            } catch (JobException other) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        Psql known = psql;
        if (known != null) {
            known.close();
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
        Psql known = psql;
        if (known == null) {
            facts();
            known = Objects.requireNonNull(psql);
        }
        return known;
    }

    /** The programs that fit the server, looked for once. */
    private ClientTools.Folder folder() throws IOException, InterruptedException {
        facts();
        return Objects.requireNonNull(folder);
    }

    private ServerFacts facts() throws IOException, InterruptedException {
        ServerFacts known = facts;
        if (known == null) {
            ClientTools.Folder any = tools.any(stop);
            server.isAtMost(any.version());
            // Enough to find a database to ask.
            psql = new Psql(server, any.program("psql"), runner, stop);
            known = ServerFacts.of(psql, anyDatabase());
            server.is(known);
            folder = tools.fitting(known.major(), stop);
            facts = known;
        }
        return known;
    }
}
