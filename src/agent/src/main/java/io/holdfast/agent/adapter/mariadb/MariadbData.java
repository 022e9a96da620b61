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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's schemas and accounts, as a restore replaces them. While it does so, all accounts but the agent's and
 * {@code root} are locked, and events do not run.
 */
final class MariadbData implements LiveData {
    private static final Logger LOG = LoggerFactory.getLogger(MariadbData.class);
    private static final int MOST_NOTES = 30;
    private static final String DATA_FILE = "data.sql";
    private static final String SCHEMAS_FILE = "schemas.json";
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
        return Schema.bytes(client, Schema.of(client).stream().map(Schema::name).toList());
    }

    @Override
    public void stage(RestoreOrder order, RestoreFiles files) throws IOException, InterruptedException {
        Path folder = files.backup();
        RestoreFiles.fetch(order, MariadbDump.ACCOUNTS, folder.resolve(AccountRestore.FILE), OutputCheck.ANYTHING);
        RestoreFiles.fetch(order, MariadbDump.SCHEMAS, folder.resolve(SCHEMAS_FILE), OutputCheck.ANYTHING);
        AccountRestore.check(connector.connect(), files);
        if (!schemas(folder).isEmpty()) {
            RestoreFiles.fetch(order, MariadbDump.DATA, folder.resolve(DATA_FILE), MariadbDump.endMark());
        }
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
        List<Schema> replaced = schemas(files, Content.BACKUP);
        List<Schema> live = Schema.of(client).stream()
                .filter(schema -> named(replaced, schema))
                .toList();
        JsonFile.write(folder.resolve(SCHEMAS_FILE), live, MariadbDump.SCHEMAS);
        Files.copy(files.closed().resolve(AccountRestore.FILE), folder.resolve(AccountRestore.FILE));
        if (!live.isEmpty()) {
            List<String> names = live.stream().map(Schema::name).toList();
            List<View> broken = View.broken(client, names);
            if (!broken.isEmpty()) {
                notes.add("views that refer to what is gone are not in the safety copy: " + broken);
                LOG.warn("{}: {}", files.name(), notes.getLast());
            }
            try (InputStream dump = MariadbDump.data(client, names, broken, stop)) {
                RestoreFiles.write(dump, folder.resolve(DATA_FILE), OutputCheck.ANYTHING);
            }
        }
    }

    @Override
    public void replace(RestoreFiles files, Content by) throws IOException, InterruptedException {
        Client client = connector.connect();
        endSessions(client);
        Set<String> names = new HashSet<>();
        schemas(files, Content.BACKUP).forEach(schema -> names.add(schema.name()));
        schemas(files, Content.OLD).forEach(schema -> names.add(schema.name()));
        List<String> before = new ArrayList<>(List.of("SET foreign_key_checks = 0"));
        names.forEach(name -> before.add("DROP DATABASE IF EXISTS " + Sql.identifier(name)));
        List<String> events = by == Content.BACKUP ? replicaEvents(client, files) : List.of();
        Path data = files.of(by).resolve(DATA_FILE);
        try (InputStream dump = Files.exists(data) ? Files.newInputStream(data) : InputStream.nullInputStream()) {
            client.feed(before, dump);
        }
        notes.addAll(AccountRestore.make(client, files, by));
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
            notes.add("the backup is one of a replica, where all events are off; switched on: " + on);
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
                        "restore another backup, and have this one verified");
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
        List<String> statements = new ArrayList<>(AccountRestore.unlock(files, now));
        if (Files.exists(files.closed().resolve(EVENTS_FILE))) {
            statements.add("SET GLOBAL event_scheduler = ON");
        }
        List<Refusal> refused = connector.connect().attempt(statements);
        refused.forEach(refusal -> LOG.error("{}: to be done by hand: {}", files.name(), refusal));
        for (Refusal refusal : refused) {
            if (refusal.denied()) { // it is the agent's user that may do nothing: tried again at the agent's next start
                throw refusal.failure("accounts are still locked");
            }
        }
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
            StringBuilder sql = new StringBuilder();
            for (List<String> row : client.run("""
                    SELECT DISTINCT USER FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()
                        AND USER NOT IN (SUBSTRING_INDEX(CURRENT_USER(), '@', 1), 'system user', 'event_scheduler',
                            'unauthenticated user');
                    """)) {
                sql.append("KILL HARD USER ")
                        .append(Sql.identifier(row.getFirst()))
                        .append(";\n");
            }
            if (sql.isEmpty()) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new JobException(
                        FailureCode.RESTORE_FAILED,
                        "somebody stays connected to the server",
                        "stop what connects as root or with the agent's user");
            }
            client.run(sql.toString());
            Thread.sleep(LEAVE_MILLIS);
        }
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
