package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.LiveData;
import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's schemas and accounts, as a restore replaces them. Tables are imported beside the live ones, see {@link Staging},
 * and change places with them, see {@link CutOver}. While they do so, all accounts but the agent's and {@code root} are locked,
 * and events do not run.
 */
final class MariadbData implements LiveData {
    private static final Logger LOG = LoggerFactory.getLogger(MariadbData.class);
    private static final int MOST_NOTES = 30;
    private static final String DATA_FILE = "data.sql";
    private static final String SCHEMAS_FILE = "schemas.json";

    /** The structure of live data: all that is needed of it for the way back, beside the tables themselves. */
    private static final String STRUCTURE_FILE = "structure.sql";

    /** What of it cannot be made again. */
    private static final String LOST_FILE = "lost.json";

    /** Is there from before anything of the restore is on the server; says how its schemas' names begin. */
    private static final String ON_SERVER = "on-server";

    private static final String EVENTS_FILE = "events";
    private static final Duration LEAVE = Duration.ofSeconds(20);
    private static final long LEAVE_MILLIS = 200;

    /** Gives a connection when it is needed: while the server is down there is none. */
    interface Connector {
        Client connect() throws IOException, InterruptedException;
    }

    private final Connector connector;
    private final StopSignal stop;

    /** For the result, which this object gives right after it has replaced live data. */
    private final List<String> notes = new ArrayList<>();

    MariadbData(Connector connector, StopSignal stop) {
        this.connector = connector;
        this.stop = stop;
    }

    @Override
    public long preflight(Manifest manifest) throws IOException, InterruptedException {
        RestoreFiles.artifact(manifest, MariadbDump.ACCOUNTS);
        RestoreFiles.artifact(manifest, MariadbDump.SCHEMAS);
        Client client = connector.connect();
        ServerFacts facts = ServerFacts.of(client);
        facts.requireRightsToRestore();
        facts.requireAsNewAs(manifest.engineVersion());
        return 0; // the tables stay on the server
    }

    @Override
    public void stage(RestoreOrder order, RestoreFiles files) throws IOException, InterruptedException {
        Path folder = files.backup();
        RestoreFiles.fetch(order, MariadbDump.ACCOUNTS, folder.resolve(AccountRestore.FILE), OutputCheck.ANYTHING);
        RestoreFiles.fetch(order, MariadbDump.SCHEMAS, folder.resolve(SCHEMAS_FILE), OutputCheck.ANYTHING);
        Client client = connector.connect();
        AccountRestore.check(client, files);
        List<Schema> schemas = schemas(folder);
        if (schemas.isEmpty()) {
            return;
        }
        Schema.requireTheirNames(client, schemas);
        Schema.requireDumpableEvents(client, schemas.stream().map(Schema::name).toList());
        RestoreFiles.fetch(order, MariadbDump.DATA, folder.resolve(DATA_FILE), MariadbDump.endMark());
        JsonFile.write(folder.resolve(ON_SERVER), WorkSchemas.newBase(client, files.name()), "names");
        WorkSchemas work = work(files);
        Staging staging = new Staging(client, work, files);
        staging.stage(folder, folder.resolve(DATA_FILE), schemas);
        JsonFile.write(folder.resolve(LOST_FILE), lost(client, staging, work, files), "definitions");
        Files.delete(folder.resolve(DATA_FILE)); // it is on the server
    }

    /** The live definitions that could not be made again, so that a restore could not be taken back wholly. */
    private List<String> lost(Client client, Staging staging, WorkSchemas work, RestoreFiles files)
            throws IOException, InterruptedException {
        List<String> lost = new ArrayList<>();
        if (structure(client, work, files)) {
            try {
                staging.tryStructure(files.old(), files.old().resolve(STRUCTURE_FILE))
                        .forEach(refused -> lost.add(refused.definition().toString()));
            } catch (JobException e) {
                if (e.code() != FailureCode.RESTORE_FAILED) {
                    throw e;
                }
                // Tables need not be made again, and definitions without them cannot be tried.
                LOG.warn(
                        "{}: not tried whether the live data's views can be made again: {}",
                        files.name(),
                        e.getMessage());
                CutOver.drop(client, work.names(WorkSchemas.Use.TRY));
            }
        }
        return lost;
    }

    /** Writes the structure of what will be replaced into the folder for that; false when there is nothing. */
    private boolean structure(Client client, WorkSchemas work, RestoreFiles files)
            throws IOException, InterruptedException {
        List<String> names = Schema.of(client).stream()
                .map(Schema::name)
                .filter(work.live()::contains)
                .toList();
        if (names.isEmpty()) {
            return false;
        }
        List<SchemaObject> broken = SchemaObject.brokenViews(client, names);
        if (!broken.isEmpty()) {
            notes.add("views that refer to objects that no longer exist are not kept: " + broken);
            LOG.warn("{}: {}", files.name(), notes.getLast());
        }
        try (InputStream dump = MariadbDump.structure(client, names, broken, stop, unread -> {
            notes.add("tables that the server cannot read are kept as far as they can be moved: " + unread);
            LOG.warn("{}: {}", files.name(), notes.getLast());
        })) {
            RestoreFiles.write(dump, files.old().resolve(STRUCTURE_FILE), OutputCheck.ANYTHING);
        }
        return true;
    }

    @Override
    public void close(RestoreFiles files) throws IOException, InterruptedException {
        Client client = connector.connect();
        List<Account> accounts = Accounts.of(client);
        JsonFile.write(files.closed().resolve(AccountRestore.FILE), accounts, MariadbDump.ACCOUNTS);
        boolean events = client.run("SELECT @@GLOBAL.event_scheduler;")
                .getFirst()
                .getFirst()
                .equals("ON");
        if (events) {
            Files.createFile(files.closed().resolve(EVENTS_FILE));
        }
        List<String> statements = new ArrayList<>();
        if (events) {
            statements.add("SET GLOBAL event_scheduler = OFF");
        }
        accounts.stream().filter(Account::open).map(Account::lock).forEach(statements::add);
        client.run(Sql.script(statements));
        endSessions(client);
    }

    @Override
    public void save(RestoreFiles files) throws IOException, InterruptedException {
        Client client = connector.connect();
        Path folder = files.old();
        RestoreFiles.makeEmpty(folder);
        notes.clear();
        WorkSchemas work = work(files);
        List<Schema> live = Schema.of(client).stream()
                .filter(schema -> work.live().contains(schema.name()))
                .toList();
        JsonFile.write(folder.resolve(SCHEMAS_FILE), live, MariadbDump.SCHEMAS);
        Files.copy(files.closed().resolve(AccountRestore.FILE), folder.resolve(AccountRestore.FILE));
        if (work.live().isEmpty()) {
            return;
        }
        if (structure(client, work, files)) {
            List<String> lost = List.of(JsonFile.read(files.backup().resolve(LOST_FILE), String[].class));
            lost.forEach(each -> notes.add("cannot be made again, so it is not kept: " + each));
            Staging.scan(
                    folder,
                    folder.resolve(STRUCTURE_FILE),
                    work.raw(WorkSchemas.Use.TRY),
                    definition -> !lost.contains(definition.toString()));
        }
        CutOver.save(client, work, files);
        new WayBack(client.product(), work, files).write();
    }

    @Override
    public void replace(RestoreFiles files, Content by) throws IOException, InterruptedException {
        Client client = connector.connect();
        endSessions(client);
        CutOver cutOver = new CutOver(client, work(files), files);
        if (by == Content.OLD && !cutOver.begun()) {
            return; // neither tables nor accounts have been touched
        }
        List<String> events = by == Content.BACKUP ? replicaEvents(client, files) : List.of();
        if (!work(files).live().isEmpty()) {
            cutOver.move(by);
        }
        List<Definitions.Refused> refused = cutOver.define(by);
        if (!refused.isEmpty()) {
            throw Staging.refused(refused);
        }
        notes.addAll(cutOver.notes());
        client.attempt(events).forEach(refusal -> notes.add("the event stays off: " + refusal));
    }

    /** Statements for the backup's events that a replica had off: on again, but for those that are here now, and off. */
    private List<String> replicaEvents(Client client, RestoreFiles files) throws IOException, InterruptedException {
        List<String> statements = new ArrayList<>();
        List<String> on = new ArrayList<>();
        for (Schema schema : schemas(files, Content.BACKUP)) {
            List<ReplicaEvent> events = schema.replicaEvents();
            if (events != null) {
                List<String> off = ReplicaEvent.off(client, schema.name());
                for (ReplicaEvent event : events) {
                    boolean stays = off.contains(event.name());
                    statements.add(stays ? event.disable() : event.enable());
                    if (!stays) {
                        on.add(event.name());
                    }
                }
            }
        }
        if (!on.isEmpty()) {
            notes.add("the backup is from a replica, where all events are off; switched on: " + on);
        }
        return statements;
    }

    @Override
    public void validate(RestoreFiles files) throws IOException, InterruptedException {
        List<Schema> found = Schema.of(connector.connect());
        for (Schema expected : schemas(files, Content.BACKUP)) {
            List<String> differences = found.stream()
                    .filter(schema -> schema.name().equals(expected.name()))
                    .findFirst()
                    .map(schema -> schema.differences(expected.counts()))
                    .orElse(List.of("gone"));
            if (!differences.isEmpty()) {
                throw new JobException(
                        FailureCode.VALIDATION_FAILED,
                        "schema " + expected.name() + " has " + String.join(", ", differences),
                        "restore a different backup, and run 'holdfast verify' on this one");
            }
        }
    }

    @Override
    public Result result(RestoreFiles files) throws IOException, InterruptedException {
        List<Schema> restored = schemas(files, Content.BACKUP);
        int changed = AccountRestore.changed(files, Content.BACKUP).size();
        if (changed > 0) {
            notes.addFirst(changed + " accounts were made or changed as the backup has them");
        }
        return new Result(
                restored.stream().map(Schema::name).toList(),
                Schema.of(connector.connect()).stream()
                        .filter(schema -> !named(restored, schema))
                        .map(Schema::name)
                        .toList(),
                notes());
    }

    @Override
    public void open(RestoreFiles files, Content now) throws IOException, InterruptedException {
        if (!Files.exists(files.closed().resolve(AccountRestore.FILE))) {
            return; // nobody was kept out yet
        }
        Client client = connector.connect();
        List<String> statements = new ArrayList<>(AccountRestore.unlock(files, now));
        if (Files.exists(files.closed().resolve(EVENTS_FILE))) {
            statements.add("SET GLOBAL event_scheduler = ON");
        }
        List<Refusal> refused = client.attempt(statements);
        refused.forEach(refusal -> LOG.error("{}: to be done by hand: {}", files.name(), refusal));
        for (Refusal refusal : refused) {
            if (refusal.denied()) { // it is the agent's user that may do nothing: tried again at the agent's next start
                throw refusal.failure("accounts are still locked");
            }
        }
        if (now == Content.BACKUP) {
            PacketLimit.putBack(client, files);
            CutOver.drop(client, work(files).names(WorkSchemas.Use.NEW));
        }
    }

    @Override
    public void discard(RestoreFiles files) throws IOException, InterruptedException {
        if (Files.exists(files.backup().resolve(ON_SERVER))) {
            Client client = connector.connect();
            PacketLimit.putBack(client, files);
            WorkSchemas work = work(files);
            new CutOver(client, work, files).requireNothingAway();
            for (WorkSchemas.Use use : WorkSchemas.Use.values()) {
                CutOver.drop(client, work.names(use));
            }
        }
    }

    @Override
    public List<String> safetyCopy(RestoreFiles files, Path folder) throws IOException {
        List<String> kept = new ArrayList<>(List.of(folder.toString()));
        kept.addAll(CutOver.kept(folder));
        return kept;
    }

    /** The first ones: a backup may have thousands of rights to tables that are gone. */
    private List<String> notes() {
        if (notes.size() <= MOST_NOTES) {
            return List.copyOf(notes);
        }
        List<String> first = new ArrayList<>(notes.subList(0, MOST_NOTES));
        first.add("and " + (notes.size() - MOST_NOTES) + " more, see the agent's log");
        return first;
    }

    private void endSessions(Client client) throws IOException, InterruptedException {
        long end = System.nanoTime() + LEAVE.toNanos();
        while (true) {
            if (client.product().endSessions(client) == Product.EndedSessions.NONE) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new JobException(
                        FailureCode.RESTORE_FAILED,
                        "somebody stays connected to the server",
                        "stop what connects as root or with the agent's user");
            }
            Thread.sleep(LEAVE_MILLIS);
        }
    }

    private static WorkSchemas work(RestoreFiles files) throws IOException {
        Path base = files.backup().resolve(ON_SERVER);
        return new WorkSchemas(
                Files.exists(base) ? JsonFile.read(base, String.class) : "",
                schemas(files, Content.BACKUP).stream().map(Schema::name).toList());
    }

    private static boolean named(List<Schema> schemas, Schema schema) {
        return schemas.stream().anyMatch(each -> each.name().equals(schema.name()));
    }

    private static List<Schema> schemas(RestoreFiles files, Content content) throws IOException {
        return schemas(files.of(content));
    }

    private static List<Schema> schemas(Path folder) throws IOException {
        return List.of(JsonFile.read(folder.resolve(SCHEMAS_FILE), Schema[].class));
    }
}
