package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;

/**
 * Runs SQL through {@code psql}, which spares a database driver. The SQL goes over standard input, so it may hold secrets;
 * what a backup brought along is never in it but as quoted text, because {@code psql} would obey commands in it.
 */
final class Psql {
    private static final int CANNOT_CONNECT = 2;

    private final Server server;
    private final Path program;
    private final ProcessRunner runner;
    private final StopSignal stop;

    Psql(Server server, Path program, ProcessRunner runner, StopSignal stop) {
        this.server = server;
        this.program = program;
        this.runner = runner;
        this.stop = stop;
    }

    /** Runs statements; the first that fails ends it. */
    String run(String database, String sql) throws IOException, InterruptedException {
        ProcessRunner.Outcome outcome = runner.run(
                server.command(
                        program,
                        List.of(
                                "--no-psqlrc",
                                "--quiet",
                                "--no-align",
                                "--tuples-only",
                                "--no-password",
                                "--set=ON_ERROR_STOP=1",
                                // One line for each error: no context, which could quote a statement with a secret.
                                "--set=VERBOSITY=terse",
                                "--dbname=" + server.uri(database))),
                "SET search_path = pg_catalog;\n" + sql,
                stop);
        if (!outcome.end().good()) {
            throw failure(outcome.end());
        }
        return outcome.output();
    }

    /** Runs one query whose only value is JSON. */
    <T> List<T> list(String database, String query, Class<T> element) throws IOException, InterruptedException {
        String output =
                run(database, "SELECT coalesce(json_agg(row_to_json(found)), '[]') FROM (" + query + ") found;");
        try {
            JavaType type = Json.mapper().getTypeFactory().constructCollectionType(List.class, element);
            return Json.mapper().readValue(output, type);
        } catch (JacksonException e) {
            throw new IOException("the server's answer cannot be understood", e);
        }
    }

    /** What a client program's failure means, when it is about the connection; anything else is a failed restore. */
    static JobException failure(ProcessEnd end) {
        String errors = end.errors();
        if (end.timedOut()) {
            return new JobException(FailureCode.TOOL_TIMEOUT, end.description());
        }
        if (errors.contains("authentication failed")
                || errors.contains("no pg_hba.conf entry")
                || errors.contains("no password supplied")
                || errors.contains("permission denied")) {
            return new JobException(
                    FailureCode.SERVICE_DENIED,
                    end.description(),
                    "check user and password in the agent's configuration, and the server's pg_hba.conf; the user must be"
                            + " a superuser");
        }
        if (errors.contains("No space left on device")) {
            return new JobException(
                    FailureCode.DISK_FULL, end.description(), "make room on the database server's disk");
        }
        if (end.exitCode() == CANNOT_CONNECT || errors.contains("connection to server")) {
            return new JobException(
                    FailureCode.SERVICE_UNREACHABLE,
                    end.description(),
                    "check that the server runs and can be reached");
        }
        return new JobException(FailureCode.RESTORE_FAILED, end.description());
    }
}
