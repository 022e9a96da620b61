package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.LiveData.Content;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives staged tables the place of live ones, and back: all of them in one {@code RENAME TABLE}, which the server does as a whole
 * or not at all. It cannot move a table with triggers, nor a view: these, routines and events are dropped before and made after
 * it. What is where is asked of the server each time, so that both ways can be gone from any state in which a crash has left it.
 */
final class CutOver {
    private static final Logger LOG = LoggerFactory.getLogger(CutOver.class);

    /** In the folder of what is replaced: the names of the schemas that have it. */
    private static final String KEPT = "kept.json";

    private final Client client;
    private final WorkSchemas work;
    private final RestoreFiles files;
    private final List<String> notes = new ArrayList<>();

    CutOver(Client client, WorkSchemas work, RestoreFiles files) {
        this.client = client;
        this.work = work;
        this.files = files;
    }

    /** Sentences for an operator. */
    List<String> notes() {
        return notes;
    }

    /** Writes down what the way back needs to know of live data. */
    static void save(Client client, WorkSchemas work, RestoreFiles files) throws IOException, InterruptedException {
        JsonFile.write(files.old().resolve(KEPT), work.names(WorkSchemas.Use.OLD), "schemas");
        JsonFile.write(files.old().resolve(Staging.KEYS), ForeignKey.left(client, work.live()), "foreign keys");
        JsonFile.write(files.old().resolve(Staging.TABLES), TableName.of(client, work.live()), "tables");
    }

    /** Whether live data may be touched: the schemas for what goes are there. */
    boolean begun() throws IOException, InterruptedException {
        return !existing(work.names(WorkSchemas.Use.OLD)).isEmpty();
    }

    /** Moves the tables; then schemas have what is in files' folder of the content, but for the definitions. */
    void move(Content to) throws IOException, InterruptedException {
        if (to == Content.BACKUP) {
            client.run(Sql.script(work.names(WorkSchemas.Use.OLD).stream()
                    .map(name -> "CREATE DATABASE IF NOT EXISTS " + Sql.identifier(name))
                    .toList()));
        }
        LiveDefinitions.drop(client, work.live());
        List<SchemaAttributes> attributes = SchemaAttributes.in(files.of(to));
        client.run(Sql.script(attributes.stream().map(SchemaAttributes::create).toList()));
        List<String> moves = to == Content.BACKUP ? forwards() : backwards();
        if (!moves.isEmpty()) {
            List<String> session = new ArrayList<>(List.of(ImportSession.statement(client)));
            session.add("RENAME TABLE " + String.join(", ", moves));
            client.run(Sql.script(session));
        }
        dress(to, attributes);
    }

    /** All renames that are needed, whether or not some have been done. */
    private List<String> forwards() throws IOException, InterruptedException {
        List<String> moves = new ArrayList<>();
        for (TableName table : TableName.of(client, work.live())) {
            moves.add(table + " TO " + table.in(work.name(table.schema(), WorkSchemas.Use.OLD)));
        }
        moves.addAll(intoPlace(WorkSchemas.Use.NEW));
        return moves;
    }

    private List<String> backwards() throws IOException, InterruptedException {
        Set<TableName> fresh = new HashSet<>(tables(files.backup()));
        Set<TableName> before = new HashSet<>(tables(files.old()));
        Set<TableName> away = new HashSet<>(TableName.of(client, work.names(WorkSchemas.Use.OLD)));
        List<String> moves = new ArrayList<>();
        for (TableName table : TableName.of(client, work.live())) {
            TableName asNew = table.in(work.name(table.schema(), WorkSchemas.Use.NEW));
            boolean replaced = away.contains(table.in(work.name(table.schema(), WorkSchemas.Use.OLD)));
            if (fresh.contains(asNew) && (replaced || !before.contains(table))) {
                moves.add(table + " TO " + asNew);
            }
        }
        moves.addAll(intoPlace(WorkSchemas.Use.OLD));
        return moves;
    }

    private List<String> intoPlace(WorkSchemas.Use use) throws IOException, InterruptedException {
        List<String> from = work.names(use);
        return TableName.of(client, from).stream()
                .map(table -> table + " TO " + table.in(work.live().get(from.indexOf(table.schema()))))
                .toList();
    }

    /** What belongs to schemas and tables, and does not move with them or moves with them though it should not. */
    private void dress(Content to, List<SchemaAttributes> attributes) throws IOException, InterruptedException {
        List<String> statements = new ArrayList<>();
        attributes.forEach(each -> statements.addAll(each.alter(client.product())));
        List<String> wanted = attributes.stream().map(SchemaAttributes::schema).toList();
        if (to == Content.OLD) {
            // It was not there before, and its tables are away again.
            for (String schema : existing(work.live())) {
                if (!wanted.contains(schema)
                        && TableName.of(client, List.of(schema)).isEmpty()) {
                    statements.add("DROP DATABASE " + Sql.identifier(schema));
                }
            }
        }
        client.run(Sql.script(statements));
        List<String> more = new ArrayList<>(List.of(ImportSession.statement(client)));
        if (to == Content.BACKUP) {
            more.addAll(List.of(JsonFile.read(files.backup().resolve(Staging.DEFAULTS), String[].class)));
        }
        more.addAll(keys(to));
        for (Refusal refusal : client.attempt(more)) {
            notes.add("to be done by hand: " + refusal);
            LOG.warn("{}: {}", files.name(), notes.getLast());
        }
    }

    private List<String> keys(Content to) throws IOException, InterruptedException {
        List<String> statements = new ArrayList<>();
        Keys keys = new Keys(statements);
        for (ForeignKey key : JsonFile.read(files.old().resolve(Staging.KEYS), ForeignKey[].class)) {
            if (to == Content.BACKUP && work.live().contains(key.table().schema())) {
                // Rows that nobody sees must not keep others from being changed.
                keys.drop(key, key.table().in(work.name(key.table().schema(), WorkSchemas.Use.OLD)));
            } else {
                keys.remake(key);
            }
        }
        if (to == Content.BACKUP) {
            for (ForeignKey key : JsonFile.read(files.backup().resolve(Staging.KEYS), ForeignKey[].class)) {
                keys.remake(key);
            }
        }
        return statements;
    }

    /** Writes statements about foreign keys; knows which there are where a server has to be asked. */
    private final class Keys {
        private final List<String> statements;
        private final Product product = client.product();

        Keys(List<String> statements) {
            this.statements = statements;
        }

        void drop(ForeignKey key, TableName now) throws IOException, InterruptedException {
            if (product.dropsForeignKeyIfExists()
                    || ForeignKey.names(client, List.of(now.schema())).contains(key.at(now))) {
                statements.add(key.drop(now, product));
            }
        }

        void remake(ForeignKey key) throws IOException, InterruptedException {
            drop(key, key.table());
            statements.add(key.add(product));
        }
    }

    /**
     * Makes the accounts and the definitions of the content. A view may need a right that its definer is given, and a right may
     * be to a view: each is tried again once there is more of the other.
     *
     * @return what the server refused
     */
    List<Definitions.Refused> define(Content content) throws IOException, InterruptedException {
        List<Refusal> accounts = new ArrayList<>(AccountRestore.make(client, files, content));
        // They are refused until the routines are there.
        accounts.addAll(client.attempt(AccountRestore.routineRights(files, content, work.live())));
        Definitions definitions = new Definitions(client, definition -> definition.make(definition.schema()));
        List<Definitions.Refused> refused = definitions.make(files.of(content).resolve(Staging.DEFINITIONS));
        while (true) {
            List<Refusal> left =
                    client.attempt(accounts.stream().map(Refusal::statement).toList());
            List<Definitions.Refused> leftDefinitions = definitions.again(refused);
            boolean progress = left.size() < accounts.size() || leftDefinitions.size() < refused.size();
            accounts = left;
            refused = leftDefinitions;
            if (!progress) {
                break;
            }
        }
        notes.addAll(AccountRestore.notes(client.product(), files, accounts, content));
        return refused;
    }

    /** Where the old data is, for people; none when the folder has no such list. */
    static List<String> kept(Path folder) throws IOException {
        Path file = folder.resolve(KEPT);
        return Files.exists(file) ? List.of(JsonFile.read(file, String[].class)) : List.of();
    }

    /** Removes schemas of a restore. */
    static void drop(Client client, List<String> schemas) throws IOException, InterruptedException {
        List<String> statements = new ArrayList<>(List.of("SET foreign_key_checks = 0"));
        schemas.stream()
                .filter(WorkSchemas::is)
                .forEach(name -> statements.add("DROP DATABASE IF EXISTS " + Sql.identifier(name)));
        client.run(Sql.script(statements));
    }

    /** Throws when the schemas for what goes have tables. */
    void requireNothingAway() throws IOException, InterruptedException {
        List<TableName> away = TableName.of(client, work.names(WorkSchemas.Use.OLD));
        if (!away.isEmpty()) {
            throw new JobException(
                    FailureCode.NEEDS_OPERATOR,
                    "tables of the live data are still in " + away.getFirst().schema() + " and others",
                    "move them back by hand as the adapter's page describes");
        }
    }

    private List<String> existing(List<String> schemas) throws IOException, InterruptedException {
        return client
                .run("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ("
                        + Sql.literals(schemas) + ");")
                .stream()
                .map(List::getFirst)
                .toList();
    }

    private List<TableName> tables(Path folder) throws IOException {
        return List.of(JsonFile.read(folder.resolve(Staging.TABLES), TableName[].class));
    }
}
