package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.process.RunningProcess;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs client programs against one server, for one attempt. SQL goes over standard input, so it may hold secrets. */
final class Client {
    private static final Pattern ERROR_NUMBER = Pattern.compile("(?i)\\berror:? (\\d{4})\\b");
    private static final Set<Integer> DENIED =
            Set.of(1044, 1045, 1095, 1142, 1143, 1227, 1356, 1370, 1410, 1698, 1820, 4151);
    private static final Set<Integer> GONE = Set.of(1040, 1053, 1203, 1927, 2002, 2003, 2005, 2006, 2013, 2026);
    private static final Set<Integer> FULL = Set.of(1021, 1114, 3);

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
            text.append("ssl-verify-server-cert\n");
        }
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

    /** Runs statements, of which the first that fails ends it; gives the rows of all of them. */
    List<List<String>> run(String sql) throws IOException, InterruptedException {
        return rows(sqlCommand(), sql);
    }

    /** Runs one query, of whose rows the values are known by their columns' names only. */
    List<Map<String, String>> named(String query) throws IOException, InterruptedException {
        List<List<String>> rows = rows(command(tools.client(), List.of("--batch")), query);
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
        ProcessRunner.Outcome outcome = runner.run(command, Sql.SESSION + sql, stop);
        if (!outcome.end().good()) {
            throw failure(outcome.end(), FailureCode.RESTORE_FAILED);
        }
        List<List<String>> rows = new ArrayList<>();
        // By line feeds only: the client writes carriage returns as they are.
        List<String> lines = List.of(outcome.output().split("\n", -1));
        for (String line : lines.subList(0, lines.size() - 1)) {
            List<String> row = new ArrayList<>();
            for (String value : line.split("\t", -1)) {
                row.add(Sql.unescaped(value));
            }
            rows.add(row);
        }
        return rows;
    }

    /** Runs SQL of any size. */
    void feed(InputStream sql) throws IOException, InterruptedException {
        try (RunningProcess process = runner.start(sqlCommand(), stop)) {
            process.feed(sql);
            process.output().transferTo(OutputStream.nullOutputStream());
            ProcessEnd end = process.await();
            stop.check();
            if (!end.good()) {
                throw failure(end, FailureCode.RESTORE_FAILED);
            }
        }
    }

    /** Starts a dump of these schemas as of one moment, which does not lock InnoDB's tables. */
    RunningProcess dump(List<String> schemas) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "--single-transaction",
                "--quick",
                "--routines",
                "--triggers",
                "--events",
                "--hex-blob",
                "--max-allowed-packet=1G",
                "--databases",
                "--"));
        arguments.addAll(schemas);
        return runner.start(command(tools.dump(), arguments), stop);
    }

    private Command sqlCommand() {
        return command(tools.client(), List.of("--batch", "--skip-column-names", "--max-allowed-packet=1G"));
    }

    private Command command(Path program, List<String> arguments) {
        List<String> all = new ArrayList<>(List.of(program.toString(), "--defaults-file=" + optionFile));
        all.addAll(arguments);
        return new Command(all, Map.of("HOME", "/nonexistent"), config.idleTimeout(), config.toolTimeout());
    }

    /** What a program's failure means; the given code when it is about nothing else. */
    static JobException failure(ProcessEnd end, FailureCode otherwise) {
        if (end.timedOut()) {
            return new JobException(FailureCode.TOOL_TIMEOUT, end.description());
        }
        Matcher matcher = ERROR_NUMBER.matcher(end.errors());
        int number = matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
        if (DENIED.contains(number)) {
            return new JobException(
                    FailureCode.SERVICE_DENIED,
                    end.description(),
                    "check user and password in the agent's configuration, and the rights that the adapter's page names");
        }
        if (GONE.contains(number)) {
            return new JobException(
                    FailureCode.SERVICE_UNREACHABLE,
                    end.description(),
                    "check that the server runs and can be reached");
        }
        if (FULL.contains(number) || end.errors().contains("No space left on device")) {
            return new JobException(
                    FailureCode.DISK_FULL, end.description(), "make room on the database server's disk");
        }
        return new JobException(otherwise, end.description());
    }
}
