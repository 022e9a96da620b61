package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.StandingSession;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.process.RunningProcess;
import io.holdfast.format.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;

/**
 * Runs SQL through {@code psql}, which spares a database driver. The SQL goes over standard input, so it may hold secrets;
 * what a backup brought along is never in it but as quoted text, because {@code psql} would obey commands in it.
 *
 * <p>One program serves many calls, and changes from one database to another. It ends with the first statement that fails,
 * when nobody has used it for {@link #IDLE}, and by {@link #close}; the next call starts another one. For one thread.
 */
final class Psql implements StandingSession.Program {
    private static final Duration IDLE = Duration.ofSeconds(20);
    private static final Duration FAREWELL = Duration.ofMillis(250);

    /** For each connection: names are the system's, and nothing is written to standard error but what ended the program. */
    private static final String PREAMBLE = "SET search_path = pg_catalog;\nSET client_min_messages = error;\n";

    private final Server server;
    private final Path program;
    private final ProcessRunner runner;
    private final StopSignal stop;
    private final boolean standing;
    private @Nullable Running running;
    private boolean restoring;
    private long usedAt;

    Psql(Server server, Path program, ProcessRunner runner, StopSignal stop) {
        this(server, program, runner, stop, false);
    }

    /** One that stays however long nobody uses it. */
    static Psql standing(Server server, Path program, ProcessRunner runner, StopSignal life) {
        return new Psql(server, program, runner, life, true);
    }

    private Psql(Server server, Path program, ProcessRunner runner, StopSignal stop, boolean standing) {
        this.server = server;
        this.program = program;
        this.runner = runner;
        this.stop = stop;
        this.standing = standing;
    }

    /** A program that waits for statements in a database. */
    private record Running(RunningProcess process, BufferedReader output, OutputStream input, String database) {}

    /** From the next connection on, triggers of what is restored do not fire, as in {@link Server}. */
    void restoring() {
        restoring = true;
    }

    private String preamble() {
        return PREAMBLE + (restoring ? "SET session_replication_role = replica;\nSET array_nulls = on;\n" : "");
    }

    /** Runs statements; the first that fails ends it. Gives what they wrote. */
    synchronized String run(String database, String sql) throws IOException, InterruptedException {
        stop.check();
        try {
            return runOnce(database, sql);
        } catch (JobException e) {
            if (!server.refusesEventTriggers(e)) {
                throw e;
            }
            return runOnce(database, sql);
        }
    }

    private String runOnce(String database, String sql) throws IOException, InterruptedException {
        Running now = in(database);
        usedAt = System.nanoTime();
        String mark = UUID.randomUUID().toString();
        StringBuilder output = new StringBuilder();
        // By a thread of its own: psql may have to be read before it takes more.
        Thread.ofVirtual().start(() -> write(now, sql + "\n;SELECT '" + mark + "';\n"));
        for (String line = line(now); !mark.equals(line); line = line(now)) {
            if (line == null) {
                throw ended(now);
            }
            output.append(line).append('\n');
        }
        usedAt = System.nanoTime();
        return output.toString();
    }

    private static @Nullable String line(Running from) {
        try {
            return from.output.readLine();
        } catch (IOException e) {
            return null; // closed when the program was killed: it has ended
        }
    }

    /** A program that is connected to that database. */
    private Running in(String database) throws IOException, InterruptedException {
        Running now = running;
        if (now == null || !now.process.running()) {
            close();
            now = start(database);
        } else if (!now.database.equals(database)) {
            // The address has no character that psql would take for something else, see Server.
            write(now, "\\connect '" + server.uri(database) + "'\n" + preamble());
            now = new Running(now.process, now.output, now.input, database);
        }
        running = now;
        return now;
    }

    private Running start(String database) throws IOException, InterruptedException {
        RunningProcess process = runner.start(
                server.command(
                        program,
                        List.of(
                                "--no-psqlrc",
                                "--quiet",
                                "--no-align",
                                "--tuples-only",
                                "--no-password",
                                "--set=ON_ERROR_STOP=1",
                                // With the SQLSTATE; the context, which could quote a secret, is cut off by
                                // ToolFailure.
                                "--set=VERBOSITY=verbose",
                                "--set=SHOW_CONTEXT=never",
                                "--dbname=" + server.uri(database))),
                stop);
        BufferedReader output = new BufferedReader(new InputStreamReader(process.output(), StandardCharsets.UTF_8));
        Running started = new Running(process, output, process.input(), database);
        write(started, preamble());
        if (!standing) {
            Thread.ofVirtual().start(() -> closeWhenIdle(process));
        }
        return started;
    }

    private void closeWhenIdle(RunningProcess process) {
        try {
            while (process.running()) {
                Thread.sleep(IDLE.dividedBy(4));
                synchronized (this) {
                    Running now = running;
                    if (now == null || now.process != process) {
                        return;
                    }
                    if (System.nanoTime() - usedAt > IDLE.toNanos()) {
                        close();
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void write(Running to, String sql) {
        try {
            to.input.write(sql.getBytes(StandardCharsets.UTF_8));
            to.input.flush();
        } catch (IOException e) {
            // The program has ended: whoever reads its output learns why.
        }
    }

    private JobException ended(Running ended) throws IOException, InterruptedException {
        running = null;
        try (RunningProcess process = ended.process) {
            letGo(ended);
            JobException failure = ToolFailure.of(process.await());
            stop.check();
            return failure;
        }
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

    /**
     * A statement of somebody else's.
     *
     * @param before statements of our own, run before it in the same transaction
     * @param sql its bytes in that encoding, in hexadecimal
     * @param encoding by PostgreSQL's name
     */
    record Statement(String before, String sql, String encoding) {
        static Statement of(String sql) {
            return new Statement("", HexFormat.of().formatHex(sql.getBytes(StandardCharsets.UTF_8)), "UTF8");
        }

        Statement after(String other) {
            return new Statement(other, sql, encoding);
        }
    }

    /** Why a statement failed: the server's SQLSTATE and its words. */
    record Refused(String state, String message) {
        /** Whether what was to be made is there already. */
        boolean exists() {
            return state.equals("42710") || state.equals("42P07");
        }
    }

    /**
     * Runs each statement on its own, as quoted text; one that fails changes nothing and keeps no other from being run.
     *
     * @return for each statement, why it failed; null for one that did not
     */
    List<@Nullable Refused> attempt(String database, List<Statement> statements)
            throws IOException, InterruptedException {
        List<@Nullable Refused> outcomes = new ArrayList<>();
        StringBuilder sql = new StringBuilder();
        for (Statement statement : statements) {
            sql.append("BEGIN;\n").append(statement.before()).append("""
                    DO $holdfast$
                    BEGIN
                        EXECUTE pg_catalog.convert_from('\\x%s', %s);
                        PERFORM pg_catalog.set_config('holdfast.outcome', '{"state":"","message":""}', true);
                    EXCEPTION WHEN OTHERS THEN
                        PERFORM pg_catalog.set_config('holdfast.outcome',
                            pg_catalog.json_build_object('state', SQLSTATE, 'message', SQLERRM)::text, true);
                    END
                    $holdfast$;
                    RESET SESSION AUTHORIZATION;
                    SELECT pg_catalog.current_setting('holdfast.outcome');
                    COMMIT;
                    """.formatted(
                            statement.sql(), Sql.literal(statement.encoding())));
        }
        if (statements.isEmpty()) {
            return outcomes;
        }
        for (String line : run(database, sql.toString()).lines().toList()) {
            Refused refused = Json.mapper().readValue(line, Refused.class);
            outcomes.add(refused.state().isEmpty() ? null : refused);
        }
        if (outcomes.size() != statements.size()) {
            throw new IOException("the server's answer cannot be understood");
        }
        return outcomes;
    }

    @Override
    public synchronized void close() {
        Running now = running;
        running = null;
        if (now != null) {
            try (RunningProcess process = now.process) {
                letGo(now);
                process.endsWithin(FAREWELL); // else it is killed, which takes longer
            }
        }
    }

    private static void letGo(Running program) {
        try {
            program.input.close();
        } catch (IOException e) {
            // It has ended already, and does not take what is left.
        }
    }
}
