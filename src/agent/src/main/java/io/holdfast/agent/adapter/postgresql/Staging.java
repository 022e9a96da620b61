package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.RestoreId;
import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;

/** Brings a backup's contents into new databases. */
final class Staging {
    /** Bytes of roles and their rights that a restore can hold in memory, several times over. */
    static final int LARGEST_TEXT =
            (int) Math.min(32 * 1024 * 1024, Runtime.getRuntime().maxMemory() / 12);

    private final Programs programs;
    private final Psql psql;
    private final RestoreOrder order;
    private final RestoreId restoreId;
    private final List<String> notes;

    Staging(Programs programs, Psql psql, RestoreOrder order, RestoreId restoreId, List<String> notes) {
        this.programs = programs;
        this.psql = psql;
        this.order = order;
        this.restoreId = restoreId;
        this.notes = notes;
    }

    /** What the backup's databases were. */
    List<DatabaseProperties> databases() throws IOException {
        byte[] json = small(PostgresDump.DATABASES);
        try {
            JavaType type =
                    Json.mapper().getTypeFactory().constructCollectionType(List.class, DatabaseProperties.class);
            return Json.mapper().readValue(json, type);
        } catch (JacksonException e) {
            throw JobException.corrupt("the backup's list of databases cannot be read", e);
        }
    }

    Globals globals() throws IOException {
        return Globals.parse(new String(small(PostgresDump.GLOBALS), StandardCharsets.UTF_8));
    }

    /**
     * Creates a database with its settings, fills it, and checks that everything has arrived. All while nobody but
     * superusers can get in, under a name that nobody knows.
     */
    SwapState.Database stage(DatabaseProperties database, int number, List<String> tablespaces)
            throws IOException, InterruptedException {
        String name = "holdfast_new_" + restoreId + "_" + number;
        Filling filling = new Filling(programs, psql, order.source(), tablespaces, notes);
        filling.fill(database.name(), name, artifact(database.artifact()), () -> create(database, name, tablespaces));
        var expected = ContentCounts.expected(order.manifest().facts(), database.artifact());
        ContentCounts.require(expected, ContentCounts.of(psql, name), database.name());
        List<Deferred> deferred = new ArrayList<>(filling.deferred());
        for (Name view : psql.list(name, ForeignViews.QUERY, Name.class)) {
            notes.add("database " + database.name() + ": materialized view " + view.name()
                    + " reads foreign tables, and was filled from them at the time of the restore");
            deferred.add(Deferred.ofText(
                    database.name(), "materialized view " + view.name(), "REFRESH MATERIALIZED VIEW " + view.name()));
        }
        psql.run(name, ANALYZE);
        long oid = Long.parseLong(psql.run(
                        programs.server().maintenanceDatabase(),
                        "SELECT oid FROM pg_database WHERE datname = " + Sql.literal(name) + ";")
                .strip());
        psql.run("holdfast_maintenance_" + restoreId, Deferred.store(deferred));
        return new SwapState.Database(database, name, oid, null, null, expected);
    }

    /** Each table on its own, so that one whose index cannot be computed keeps no other from it. */
    private static final String ANALYZE = """
            \\set ON_ERROR_STOP 0
            SELECT format('ANALYZE %s', c.oid::regclass) FROM pg_class c
            WHERE c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't' AND c.relnamespace <> 'pg_catalog'::regnamespace
            ORDER BY c.oid \\gexec
            \\set ON_ERROR_STOP 1
            """;

    private void create(DatabaseProperties database, String name, List<String> tablespaces)
            throws IOException, InterruptedException {
        String from = programs.server().maintenanceDatabase();
        psql.run(
                from,
                KeptDatabases.drop(name)
                        + database.create(
                                name,
                                tablespaces.contains(database.tablespace()),
                                programs.server().major()));
        List<String> statements = database.rightsAndSettings(name);
        List<Psql.@Nullable Refused> outcomes =
                psql.attempt(from, statements.stream().map(Psql.Statement::of).toList());
        for (int i = 0; i < statements.size(); i++) {
            Psql.Refused refused = outcomes.get(i);
            if (refused != null) {
                notes.add("database " + database.name() + ": "
                        + statements.get(i).replaceFirst("(?s) TO .*", "").replace(Sql.identifier(name), "…")
                        + " was refused: " + refused.message() + " (" + refused.state() + ")");
            }
        }
    }

    private record Name(String name) {}

    private byte[] small(String artifact) throws IOException {
        try (InputStream in = order.source().open(artifact(artifact))) {
            byte[] bytes = in.readNBytes(LARGEST_TEXT);
            if (bytes.length == LARGEST_TEXT || in.read() >= 0) {
                throw new JobException(
                        FailureCode.RESTORE_FAILED,
                        "the backup's " + artifact + " have more than " + LARGEST_TEXT + " bytes",
                        "a restore holds them in memory: give the agent a larger memory_mb");
            }
            return bytes;
        }
    }

    private Manifest.Artifact artifact(String name) throws JobException {
        return order.manifest().artifacts().stream()
                .filter(artifact -> artifact.name().equals(name))
                .findFirst()
                .orElseThrow(() -> JobException.corrupt("the backup has no artifact " + name, null));
    }
}
