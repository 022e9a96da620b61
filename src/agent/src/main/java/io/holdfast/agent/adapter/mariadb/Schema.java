package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A schema, and how many tables, views, sequences, routines, triggers and events it has.
 *
 * @param counts empty when nobody knows: they changed while the schema was dumped
 * @param replicaEvents null when it has none
 */
record Schema(
        String name, Map<String, Long> counts, @Nullable List<ReplicaEvent> replicaEvents) {
    /** Those are gone when their time is over, also while nobody restores the backup: a restore does not go by them. */
    private static final String ONE_TIME = "one_time_events";

    /** What belongs to the server itself. */
    private static final String SYSTEM = "('information_schema', 'performance_schema', 'mysql', 'sys')";

    /**
     * Begins the names of folders in the data directory that are no schemas, such as {@code #mysql50#lost+found}: no schema's folder
     * has such a name.
     */
    private static final String NO_SCHEMA = "#mysql50#";

    private static final String QUERY = """
            SELECT s.SCHEMA_NAME, k.kind, COUNT(k.kind) FROM information_schema.SCHEMATA s LEFT JOIN (
                SELECT TABLE_SCHEMA AS owner,
                    CASE TABLE_TYPE WHEN 'VIEW' THEN 'views' WHEN 'SEQUENCE' THEN 'sequences' ELSE 'tables' END AS kind
                    FROM information_schema.TABLES
                UNION ALL SELECT ROUTINE_SCHEMA, 'routines' FROM information_schema.ROUTINES
                UNION ALL SELECT TRIGGER_SCHEMA, 'triggers' FROM information_schema.TRIGGERS
                UNION ALL SELECT EVENT_SCHEMA,
                    CASE WHEN EVENT_TYPE = 'ONE TIME' AND ON_COMPLETION = 'NOT PRESERVE' THEN '%s' ELSE 'events' END
                    FROM information_schema.EVENTS) k ON k.owner = s.SCHEMA_NAME
            WHERE s.SCHEMA_NAME NOT IN %s GROUP BY s.SCHEMA_NAME, k.kind ORDER BY s.SCHEMA_NAME, k.kind;
            """.formatted(ONE_TIME, SYSTEM);

    /** About how many bytes the schemas' data has. */
    static long bytes(Client client, List<String> schemas) throws IOException, InterruptedException {
        if (schemas.isEmpty()) {
            return 0;
        }
        return Long.parseLong(
                client.run("SELECT COALESCE(SUM(DATA_LENGTH), 0) FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ("
                                + Sql.literals(schemas) + ");")
                        .getFirst()
                        .getFirst());
    }

    /** All schemas that are not the server's own. */
    static List<Schema> of(Client client) throws IOException, InterruptedException {
        Map<String, List<ReplicaEvent>> events = ReplicaEvent.of(client);
        List<Schema> schemas = new ArrayList<>();
        for (List<String> row : client.run(QUERY)) {
            String name = row.getFirst();
            if (WorkSchemas.is(name) || name.startsWith(NO_SCHEMA)) {
                continue;
            }
            if (schemas.isEmpty() || !schemas.getLast().name().equals(name)) {
                schemas.add(new Schema(name, new TreeMap<>(), events.get(name)));
            }
            if (!row.get(1).equals("NULL")) {
                schemas.getLast().counts().put(row.get(1), Long.valueOf(row.get(2)));
            }
        }
        return schemas;
    }

    /** Throws when the server would give schemas other names than they have: it may keep all in lower case. */
    static void requireTheirNames(Client client, List<Schema> schemas) throws IOException, InterruptedException {
        List<String> others = schemas.stream()
                .map(Schema::name)
                .filter(name -> !name.equals(name.toLowerCase(Locale.ROOT)))
                .toList();
        if (!others.isEmpty()
                && client.run("SELECT @@lower_case_table_names;")
                        .getFirst()
                        .getFirst()
                        .equals("1")) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "the server keeps names in lower case, and the backup has the schemas " + others,
                    "restore into a server with the lower_case_table_names that it was made with");
        }
    }

    /** Throws when schemas have events that dump programs cannot write: they need a delimiter that no event has in its text. */
    static void requireDumpableEvents(Client client, List<String> schemas) throws IOException, InterruptedException {
        if (schemas.isEmpty()) {
            return;
        }
        List<SchemaObject> events = SchemaObject.of(
                client,
                "SELECT EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS WHERE LOCATE(';;', CONCAT(EVENT_NAME,"
                        + " EVENT_COMMENT, EVENT_DEFINITION)) > 0 AND EVENT_SCHEMA IN (" + Sql.literals(schemas)
                        + ");");
        if (!events.isEmpty()) {
            throw new JobException(
                    FailureCode.DUMP_FAILED,
                    "these events cannot be dumped, as their text has the dump program's delimiter: " + events,
                    "write them without two semicolons in a row, for example CONCAT(';', ';')");
        }
    }

    /** What of schemas a restore does not bring back as it was. */
    static List<String> notes(Client client, List<String> schemas) throws IOException, InterruptedException {
        if (schemas.isEmpty()) {
            return List.of();
        }
        List<SchemaObject> versioned = SchemaObject.of(
                client,
                "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE = 'SYSTEM VERSIONED'"
                        + " AND TABLE_SCHEMA IN (" + Sql.literals(schemas) + ") ORDER BY 1, 2;");
        return versioned.isEmpty()
                ? List.of()
                : List.of("of tables with system versioning only the rows of now are kept, and since when they are so"
                        + " is the time of the restore afterwards: " + versioned);
    }

    /** The same schema, of which nobody knows what it has. */
    Schema uncounted() {
        return new Schema(name, Map.of(), replicaEvents);
    }

    /** How it differs from what it should be; empty when it does not. */
    List<String> differences(Map<String, Long> expected) {
        List<String> differences = new ArrayList<>();
        expected.forEach((kind, count) -> {
            if (!kind.equals(ONE_TIME) && !count.equals(counts.getOrDefault(kind, 0L))) {
                differences.add(counts.getOrDefault(kind, 0L) + " " + kind + " instead of " + count);
            }
        });
        return differences;
    }
}
