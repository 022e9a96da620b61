package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Imports dumps into schemas of other names. Everything that the server refuses is refused here, while nobody has noticed
 * anything of the restore.
 */
final class Staging {
    /** What a folder has of a dump beside the dump: {@link Definitions}, and JSON. */
    static final String DEFINITIONS = "definitions";

    static final String ATTRIBUTES = "attributes.json";
    static final String TABLES = "tables.json";
    static final String DEFAULTS = "defaults.json";
    static final String KEYS = "keys.json";

    private static final int MOST_TOLD = 5;

    private final Client client;
    private final WorkSchemas work;
    private final RestoreFiles files;

    Staging(Client client, WorkSchemas work, RestoreFiles files) {
        this.client = client;
        this.work = work;
        this.files = files;
    }

    /** Imports the backup's dump, and tries its definitions, none of which stays. */
    void stage(Path folder, Path dump, List<Schema> expected) throws IOException, InterruptedException {
        List<String> schemas = work.names(WorkSchemas.Use.NEW);
        List<Definitions.Refused> refused = load(folder, dump, WorkSchemas.Use.NEW);
        if (!refused.isEmpty()) {
            throw refused(refused);
        }
        LiveDefinitions.drop(client, schemas);
        List<TableName> tables = TableName.of(client, schemas);
        requireAll(expected, tables);
        JsonFile.write(folder.resolve(TABLES), tables, "tables");
        JsonFile.write(folder.resolve(DEFAULTS), defaults(schemas), "defaults");
        JsonFile.write(folder.resolve(KEYS), ForeignKey.parentless(client, work), "foreign keys");
    }

    /**
     * Tries whether the structure of live data could be made again, and leaves nothing of that on the server.
     *
     * @return what could not
     */
    List<Definitions.Refused> tryStructure(Path folder, Path dump) throws IOException, InterruptedException {
        List<Definitions.Refused> refused = load(folder, dump, WorkSchemas.Use.TRY);
        CutOver.drop(client, work.names(WorkSchemas.Use.TRY));
        return refused;
    }

    private List<Definitions.Refused> load(Path folder, Path dump, WorkSchemas.Use use)
            throws IOException, InterruptedException {
        Map<String, String> names = work.raw(use);
        DumpScan scan = scan(folder, dump, names, _ -> true);
        PacketLimit.raise(client, files, scan.longestStatement());
        CutOver.drop(client, work.names(use));
        List<String> statements = new ArrayList<>();
        scan.attributes()
                .forEach((schema, attributes) -> statements.add("CREATE DATABASE "
                        + Sql.identifier(names.getOrDefault(schema, schema)) + DumpStatement.readable(attributes)));
        client.run(Sql.script(statements));
        List<String> session = List.of(ImportSession.statement(client));
        client.feed(session, new ByteArrayInputStream(scan.sequenceBytes()), _ -> "CREATE SEQUENCE");
        try (InputStream in = Files.newInputStream(dump);
                DumpTables tables = new DumpTables(in, names)) {
            client.feed(session, tables, tables::place);
        }
        Definitions definitions = new Definitions(client, definition -> definition.trial(names));
        List<Definitions.Refused> refused = definitions.make(folder.resolve(DEFINITIONS));
        // What was not tried is not there for the others, which then say nothing about the cut-over.
        return definitions.skipped()
                ? refused.stream().filter(each -> !each.gone()).toList()
                : refused;
    }

    /** Reads what a folder needs to have of a dump beside its tables. */
    static DumpScan scan(Path folder, Path dump, Map<String, String> names, Predicate<Definition> wanted)
            throws IOException {
        DumpScan scan = DumpScan.read(dump, names, folder.resolve(DEFINITIONS), wanted);
        List<SchemaAttributes> attributes = new ArrayList<>();
        scan.attributes()
                .forEach((schema, text) -> attributes.add(
                        new SchemaAttributes(DumpStatement.readable(schema), DumpStatement.readable(text))));
        JsonFile.write(folder.resolve(ATTRIBUTES), attributes, "schemas");
        return scan;
    }

    static JobException refused(List<Definitions.Refused> refused) {
        String all = String.join(
                ", ",
                refused.stream()
                        .limit(MOST_TOLD)
                        .map(Definitions.Refused::toString)
                        .toList());
        String more = refused.size() > MOST_TOLD ? " and " + (refused.size() - MOST_TOLD) + " more" : "";
        return new JobException(
                FailureCode.RESTORE_FAILED,
                "the server refuses a part of the backup: " + all + more,
                "the server's list of error codes explains it; often it is a setting, a plugin or a character set that"
                        + " the server no longer has");
    }

    private void requireAll(List<Schema> expected, List<TableName> tables) throws JobException {
        Map<String, Long> found = new TreeMap<>();
        tables.forEach(table -> found.merge(table.schema(), 1L, Long::sum));
        for (Schema schema : expected) {
            Map<String, Long> counts = schema.counts();
            long wanted = counts.getOrDefault("tables", 0L) + counts.getOrDefault("sequences", 0L);
            long has = found.getOrDefault(work.name(schema.name(), WorkSchemas.Use.NEW), 0L);
            if (!counts.isEmpty() && wanted != has) {
                throw new JobException(
                        FailureCode.VALIDATION_FAILED,
                        "the dump has " + has + " tables and sequences of schema " + schema.name() + " instead of "
                                + wanted,
                        "restore a different backup, and run 'holdfast verify' on this one");
            }
        }
    }

    /** Statements for tables whose columns' defaults name sequences, for the time when all have their places. */
    private List<String> defaults(List<String> schemas) throws IOException, InterruptedException {
        Map<TableName, List<String>> changes = new LinkedHashMap<>();
        for (List<String> row : client.run("SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_DEFAULT"
                + " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN (" + Sql.literals(schemas)
                + ") AND COLUMN_DEFAULT LIKE '%`" + work.base().replace("_", "\\_") + "%';")) {
            String value = row.get(3);
            for (String schema : work.live()) {
                value = value.replace(Sql.identifier(work.name(schema, WorkSchemas.Use.NEW)), Sql.identifier(schema));
            }
            TableName table = new TableName(work.live().get(schemas.indexOf(row.get(0))), row.get(1));
            changes.computeIfAbsent(table, _ -> new ArrayList<>())
                    .add("ALTER COLUMN " + Sql.identifier(row.get(2)) + " SET DEFAULT (" + value + ")");
        }
        List<String> statements = new ArrayList<>();
        changes.forEach((table, all) -> statements.add("ALTER TABLE " + table + " " + String.join(", ", all)));
        return statements;
    }
}
