package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.process.RunningProcess;
import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;

/** Brings a backup's contents into new databases. */
final class Staging {
    private static final int LARGEST_TEXT = 32 * 1024 * 1024;

    private final Server server;
    private final ClientTools.Folder tools;
    private final Psql psql;
    private final ProcessRunner runner;
    private final StopSignal stop;
    private final RestoreOrder order;
    private final long restoreId;
    private final List<String> notes = new ArrayList<>();

    Staging(
            Server server,
            ClientTools.Folder tools,
            Psql psql,
            ProcessRunner runner,
            StopSignal stop,
            RestoreOrder order,
            long restoreId) {
        this.server = server;
        this.tools = tools;
        this.psql = psql;
        this.runner = runner;
        this.stop = stop;
        this.order = order;
        this.restoreId = restoreId;
    }

    /** What an operator should know. */
    List<String> notes() {
        return notes;
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

    /** Creates a database and fills it; checks that everything has arrived. */
    SwapState.Database stage(DatabaseProperties database, int number, List<String> tablespaces)
            throws IOException, InterruptedException {
        String name = "holdfast_new_" + restoreId + "_" + number;
        psql.run(server.maintenanceDatabase(), database.create(name, tablespaces.contains(database.tablespace())));
        fill(name, artifact(database.artifact()), database.name());
        psql.run(server.maintenanceDatabase(), database.rightsAndSettings(name));
        var expected = ContentCounts.expected(order.manifest().facts(), database.artifact());
        ContentCounts.require(expected, ContentCounts.of(psql, name), database.name());
        long oid = Long.parseLong(psql.run(
                        server.maintenanceDatabase(),
                        "SELECT oid FROM pg_database WHERE datname = " + Sql.literal(name) + ";")
                .strip());
        return new SwapState.Database(database, name, oid, null, null, expected);
    }

    /** Everything is read to its end, and so checked to its last byte, even when {@code pg_restore} needs no more of it. */
    private void fill(String name, Manifest.Artifact artifact, String database)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(
                List.of("--format=custom", "--exit-on-error", "--no-password", "--dbname=" + server.uri(name)));
        try (InputStream archive = order.source().open(artifact);
                RunningProcess process = runner.start(server.command(tools.program("pg_restore"), arguments), stop)) {
            boolean whole = process.feed(archive);
            ProcessEnd end = process.await();
            stop.check();
            if (!end.good()) {
                throw restoreFailure(end, database);
            }
            if (!whole) {
                archive.transferTo(OutputStream.nullOutputStream());
            }
        }
    }

    private static JobException restoreFailure(ProcessEnd end, String database) {
        JobException failure = Psql.failure(end);
        return failure.code() == FailureCode.SERVICE_DENIED || failure.code() == FailureCode.RESTORE_FAILED
                ? new JobException(
                        FailureCode.RESTORE_FAILED,
                        "the dump of database " + database + " was refused: " + end.description())
                : failure;
    }

    private byte[] small(String artifact) throws IOException {
        try (InputStream in = order.source().open(artifact(artifact))) {
            byte[] bytes = in.readNBytes(LARGEST_TEXT);
            if (bytes.length == LARGEST_TEXT || in.read() >= 0) {
                throw JobException.corrupt("the backup's " + artifact + " are too large", null);
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
