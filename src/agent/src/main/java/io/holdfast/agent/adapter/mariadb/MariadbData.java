package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.LiveData;
import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;

/**
 * A server's schemas and accounts, as a restore replaces them. While it does so, all accounts but the agent's and
 * {@code root} are locked, and events do not run.
 */
final class MariadbData implements LiveData {
    private static final String DATA_FILE = "data.sql";
    private static final String ACCOUNTS_FILE = "accounts.json";
    private static final String SCHEMAS_FILE = "schemas.json";
    private static final String EVENTS_FILE = "events";
    private static final Duration LEAVE = Duration.ofSeconds(20);
    private static final long LEAVE_MILLIS = 200;
    private static final int LARGEST_JSON = 16 * 1024 * 1024;

    /** Gives a connection when it is needed: while the server is down there is none. */
    interface Connector {
        Client connect() throws IOException, InterruptedException;
    }

    private final Connector connector;
    private final StopSignal stop;

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
    public void stage(RestoreOrder order, RestoreFiles files) throws IOException {
        Path folder = files.backup();
        RestoreFiles.fetch(order, MariadbDump.ACCOUNTS, folder.resolve(ACCOUNTS_FILE), OutputCheck.ANYTHING);
        RestoreFiles.fetch(order, MariadbDump.SCHEMAS, folder.resolve(SCHEMAS_FILE), OutputCheck.ANYTHING);
        accounts(folder);
        if (!schemas(folder).isEmpty()) {
            RestoreFiles.fetch(order, MariadbDump.DATA, folder.resolve(DATA_FILE), MariadbDump.endMark());
        }
    }

    @Override
    public void close(RestoreFiles files) throws IOException, InterruptedException {
        Client client = connector.connect();
        List<Account> accounts = Accounts.of(client);
        write(files.closed().resolve(ACCOUNTS_FILE), accounts);
        boolean events = client.run("SELECT @@GLOBAL.event_scheduler;")
                .getFirst()
                .getFirst()
                .equals("ON");
        if (events) {
            Files.createFile(files.closed().resolve(EVENTS_FILE));
        }
        StringBuilder sql = new StringBuilder(events ? "SET GLOBAL event_scheduler = OFF;\n" : "");
        accounts.stream().filter(Account::open).forEach(account -> sql.append(account.lock()));
        client.run(sql.toString());
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
        write(folder.resolve(SCHEMAS_FILE), live);
        Files.copy(files.closed().resolve(ACCOUNTS_FILE), folder.resolve(ACCOUNTS_FILE));
        if (!live.isEmpty()) {
            List<String> names = live.stream().map(Schema::name).toList();
            try (InputStream dump = MariadbDump.data(client, names, stop)) {
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
        StringBuilder sql = new StringBuilder(Sql.SESSION + "SET foreign_key_checks = 0;\n");
        names.forEach(name -> sql.append("DROP DATABASE IF EXISTS ")
                .append(Sql.identifier(name))
                .append(";\n"));
        Path data = files.of(by).resolve(DATA_FILE);
        try (InputStream dump = Files.exists(data) ? Files.newInputStream(data) : InputStream.nullInputStream()) {
            client.feed(new SequenceInputStream(Collections.enumeration(Arrays.asList(bytes(sql.toString()), dump))));
        }
        try {
            client.run(Accounts.make(changed(files, by)));
        } catch (JobException e) {
            // The server's message may quote a statement with a password's hash in it.
            throw new JobException(
                    e.code(),
                    "the accounts of the backup were refused",
                    "see the server's log, and the rights that the" + " adapter's page names");
        }
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
        int changed = changed(files, Content.BACKUP).size();
        return new Result(
                restored.stream().map(Schema::name).toList(),
                Schema.of(connector.connect()).stream()
                        .filter(schema -> !named(restored, schema))
                        .map(Schema::name)
                        .toList(),
                changed == 0 ? List.of() : List.of(changed + " accounts were made or changed as the backup has them"));
    }

    @Override
    public void open(RestoreFiles files, Content now) throws IOException, InterruptedException {
        Path file = files.closed().resolve(ACCOUNTS_FILE);
        if (!Files.exists(file)) {
            return; // nobody was kept out yet
        }
        List<Account> accounts = new ArrayList<>(accounts(files.closed()));
        List<Account> changed = changed(files, now);
        accounts.removeIf(account -> changed.stream().anyMatch(account::names));
        accounts.addAll(changed);
        StringBuilder sql = new StringBuilder();
        accounts.stream().filter(Account::open).forEach(account -> sql.append(account.unlock()));
        if (Files.exists(files.closed().resolve(EVENTS_FILE))) {
            sql.append("SET GLOBAL event_scheduler = ON;\n");
        }
        connector.connect().run(sql.toString());
    }

    /** The accounts that the backup has otherwise than they were, as either has them. */
    private static List<Account> changed(RestoreFiles files, Content content) throws IOException {
        List<Account> before = accounts(files.closed());
        List<Account> changed = Accounts.different(accounts(files.backup()), before);
        return switch (content) {
            case BACKUP -> changed;
            case OLD -> Accounts.counterparts(changed, before);
        };
    }

    private void endSessions(Client client) throws IOException, InterruptedException {
        long end = System.nanoTime() + LEAVE.toNanos();
        while (true) {
            StringBuilder sql = new StringBuilder();
            for (List<String> row : client.run("""
                    SELECT DISTINCT USER FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()
                        AND USER NOT IN (SUBSTRING_INDEX(CURRENT_USER(), '@', 1), 'system user', 'event_scheduler');
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
        return List.of(read(folder.resolve(SCHEMAS_FILE), Schema[].class));
    }

    private static List<Account> accounts(Path folder) throws IOException {
        return List.of(read(folder.resolve(ACCOUNTS_FILE), Account[].class));
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void write(Path file, Object value) throws IOException {
        RestoreFiles.write(
                new ByteArrayInputStream(Json.mapper().writeValueAsBytes(value)), file, OutputCheck.ANYTHING);
    }

    private static <T> T read(Path file, Class<T> type) throws IOException {
        if (Files.size(file) > LARGEST_JSON) {
            throw JobException.corrupt("the backup's " + file.getFileName() + " is too large", null);
        }
        try {
            return Json.mapper().readValue(Files.readAllBytes(file), type);
        } catch (JacksonException e) {
            throw JobException.corrupt("the backup's " + file.getFileName() + " cannot be read", e);
        }
    }
}
