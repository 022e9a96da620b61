package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.process.RunningProcess;
import io.holdfast.protocol.FailureCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs client programs against one server, for one attempt. SQL goes over standard input, so it may hold secrets. */
final class Client {
    /** Follows each statement of which the errors are wanted; a query of a table, so that it forgets them. */
    private static final String DONE = "done";

    /** A server may keep none. MySQL wants a right for it that whoever only makes backups does not have. */
    private static final String KEEP_ERRORS = "SET SESSION max_error_count = 64;\n";

    private static final String REPORT = "SHOW ERRORS;;\nSELECT '" + DONE + "' FROM (SELECT 1) AS one;;\n";

    private final MariadbConfig config;
    private final Path optionFile;
    private final ClientTools tools;
    private final ProcessRunner runner;
    private final StopSignal stop;

    /** A client that finds everything about the connection in an option file. */
    Client(MariadbConfig config, Path optionFile, ClientTools tools, ProcessRunner runner, StopSignal stop) {
        this.config = config;
        this.optionFile = optionFile;
        this.tools = tools;
        this.runner = runner;
        this.stop = stop;
    }

    /** Whose programs and server these are. */
    Product product() {
        return tools.product();
    }

    /** The option file's text: the only place where the password is. */
    static String optionFile(MariadbConfig config) {
        StringBuilder text = new StringBuilder("[client]\n");
        option(text, "user", config.user());
        if (config.password() != null) {
            option(text, "password", config.password());
        }
        if (config.host().startsWith("/")) {
            option(text, "socket", config.host());
        } else {
            option(text, "host", config.host());
            text.append("port=").append(config.port()).append("\nprotocol=tcp\n");
        }
        if (config.caFile() != null) {
            option(text, "ssl-ca", config.caFile().toString());
        }
        text.append(Product.of(config.kind()).connection(config));
        // The dump program knows no such limit; the client has been there before it.
        text.append("default-character-set=utf8mb4\n[mysql]\nconnect-timeout=10\n");
        return text.toString();
    }

    private static void option(StringBuilder text, String name, String value) {
        text.append(name)
                .append("=\"")
                .append(value.replace("\\", "\\\\").replace("\n", "\\n"))
                .append("\"\n");
    }

    /**
     * Starts a program that answers one query after the other.
     *
     * @param life ends it
     */
    StandingClient standing(StopSignal life) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(product().clientOptions());
        arguments.addAll(List.of("--batch", "--unbuffered", "--skip-reconnect"));
        return new StandingClient(product(), runner.start(command(tools.client(), arguments), life), life);
    }

    /** Runs statements, of which the first that fails ends it; gives the rows of all of them. */
    List<List<String>> run(String sql) throws IOException, InterruptedException {
        return rows(sqlCommand(), sql);
    }

    /** Runs one query, of whose rows the values are known by their columns' names only. */
    List<Map<String, String>> named(String query) throws IOException, InterruptedException {
        return named(rows(headed(), query));
    }

    /** Rows by the columns' names, which are the first of them. */
    static List<Map<String, String>> named(List<List<String>> rows) {
        List<Map<String, String>> named = new ArrayList<>();
        for (List<String> row : rows.subList(Math.min(1, rows.size()), rows.size())) {
            Map<String, String> values = new HashMap<>();
            for (int i = 0; i < row.size(); i++) {
                values.put(rows.getFirst().get(i), row.get(i));
            }
            named.add(values);
        }
        return named;
    }

    private List<List<String>> rows(Command command, String sql) throws IOException, InterruptedException {
        ProcessRunner.Outcome outcome = runner.run(command, product().session() + sql, stop);
        if (!outcome.end().good()) {
            throw ServerError.failure(outcome.end(), FailureCode.RESTORE_FAILED);
        }
        return rows(outcome.output());
    }

    /**
     * Runs each of the statements, whatever becomes of the others; gives those that the server refused. Fails when they
     * could not all be run.
     */
    List<Refusal> attempt(List<String> statements) throws IOException, InterruptedException {
        List<Refusal> refused = new ArrayList<>();
        attempt(statements.stream().map(List::of).toList(), StandardCharsets.UTF_8)
                .forEach((index, error) -> refused.add(new Refusal(statements.get(index), error)));
        return refused;
    }

    /**
     * Runs groups of statements, whatever becomes of the others; gives the first error's number of each group that has one, by
     * the group's index. Fails when they could not all be run.
     *
     * @param charset of the bytes that the statements stand for
     */
    Map<Integer, Integer> attempt(List<List<String>> groups, Charset charset) throws IOException, InterruptedException {
        Map<Integer, Integer> errors = new TreeMap<>();
        List<Integer> groupOf = new ArrayList<>();
        StringBuilder sql =
                new StringBuilder(product().session()).append(KEEP_ERRORS).append("DELIMITER ;;\n");
        for (int i = 0; i < groups.size(); i++) {
            for (String statement : groups.get(i)) {
                sql.append(statement).append("\n;;\n").append(REPORT);
                groupOf.add(i);
            }
        }
        if (groupOf.isEmpty()) {
            return errors;
        }
        ProcessRunner.Outcome outcome =
                runner.run(sqlCommand("--force"), sql.toString().getBytes(charset), stop);
        int done = 0;
        for (List<String> row : rows(outcome.output())) {
            if (row.equals(List.of(DONE))) {
                done++;
            } else if (row.size() == 3 && row.getFirst().equals("Error") && done < groupOf.size()) {
                errors.putIfAbsent(groupOf.get(done), Integer.parseInt(row.get(1)));
            }
        }
        if (!outcome.end().good() || done < groupOf.size()) {
            throw failureWithoutWords(outcome.end(), "");
        }
        return errors;
    }

    private static List<List<String>> rows(String output) {
        // By line feeds only: the client writes carriage returns as they are.
        List<String> lines = List.of(output.split("\n", -1));
        return rows(lines.subList(0, lines.size() - 1));
    }

    /** Values, out of what the client writes. */
    static List<List<String>> rows(List<String> lines) {
        List<List<String>> rows = new ArrayList<>();
        for (String line : lines) {
            List<String> row = new ArrayList<>();
            for (String value : line.split("\t", -1)) {
                row.add(Sql.unescaped(value));
            }
            rows.add(row);
        }
        return rows;
    }

    /** What a line of SQL does. */
    interface Places {
        String of(long line);
    }

    /**
     * Runs SQL of any size.
     *
     * @param before statements that go before it
     * @param places names what failed, by the line of the SQL
     */
    void feed(List<String> before, InputStream sql, Places places) throws IOException, InterruptedException {
        String first = product().session() + Sql.script(before);
        InputStream start = new ByteArrayInputStream(first.getBytes(StandardCharsets.UTF_8));
        try (RunningProcess process = runner.start(sqlCommand(), stop)) {
            process.feed(new SequenceInputStream(start, sql));
            process.output().transferTo(OutputStream.nullOutputStream());
            ProcessEnd end = process.await();
            stop.check();
            if (!end.good()) {
                long line = ServerError.of(end).line() - first.lines().count();
                throw failureWithoutWords(end, line > 0 ? " at " + places.of(line) : "");
            }
        }
    }

    /**
     * What a program's failure means. A server that answers right after a connection was lost has ended that itself, because a
     * statement was too large for it: to try the same again helps nobody.
     */
    private JobException failureWithoutWords(ProcessEnd end, String place) throws IOException, InterruptedException {
        if (ServerError.of(end).lostConnection()) {
            ProcessRunner.Outcome answer = runner.run(sqlCommand(), "SELECT 1;\n", stop);
            if (answer.end().good()) {
                return ServerError.endedByServer(end, place);
            }
        }
        return ServerError.failureWithoutWords(end, place, FailureCode.RESTORE_FAILED);
    }

    /**
     * Starts a dump of these schemas as of one moment, which does not lock InnoDB's tables.
     *
     * @param without views that are left out
     * @param more options
     */
    RunningProcess dump(List<String> schemas, List<SchemaObject> without, String... more)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "--single-transaction",
                "--quick",
                "--routines",
                "--triggers",
                "--events",
                "--hex-blob",
                "--skip-add-locks",
                "--max-allowed-packet=1G"));
        arguments.addAll(product().dumpOptions());
        arguments.addAll(List.of(more));
        without.forEach(view -> arguments.add("--ignore-table=" + view.schema() + "." + view.name()));
        arguments.addAll(List.of("--databases", "--"));
        arguments.addAll(schemas);
        return runner.start(command(tools.dump(), arguments), stop);
    }

    private Command headed() {
        List<String> arguments = new ArrayList<>(product().clientOptions());
        arguments.add("--batch");
        return command(tools.client(), arguments);
    }

    private Command sqlCommand(String... options) {
        List<String> arguments = new ArrayList<>(product().clientOptions());
        arguments.addAll(List.of("--batch", "--skip-column-names", "--max-allowed-packet=1G"));
        arguments.addAll(List.of(options));
        return command(tools.client(), arguments);
    }

    private Command command(Path program, List<String> arguments) {
        List<String> all = new ArrayList<>(List.of(program.toString(), "--defaults-file=" + optionFile));
        all.addAll(arguments);
        return new Command(all, Map.of("HOME", "/nonexistent"), config.idleTimeout(), config.toolTimeout());
    }
}
