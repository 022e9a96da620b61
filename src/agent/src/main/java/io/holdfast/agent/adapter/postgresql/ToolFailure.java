package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.protocol.FailureCode;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a client program's failure means. What the server says of a statement is judged by its SQLSTATE (PostgreSQL's
 * "Error Codes"), which {@code psql} is told to print; {@code pg_dump}, {@code pg_dumpall} and {@code pg_restore} print none.
 * Of a connection that was not made the client library gives no code to anybody: there words decide, and only there.
 */
final class ToolFailure {
    private static final int CANNOT_CONNECT = 2;

    private static final Pattern STATEMENT =
            Pattern.compile("^(?:psql:.*?: )?\\p{Lu}+:  ([0-9A-Z]{5}): (.*)$", Pattern.MULTILINE);
    private static final Pattern CONNECTION = Pattern.compile(
            "^(?:psql|pg_dump|pg_dumpall|pg_restore): (?:error: )?connection to server", Pattern.MULTILINE);

    private ToolFailure() {}

    /** Anything that has no code of its own is {@code RESTORE_FAILED}. */
    static JobException of(ProcessEnd end) {
        if (end.timedOut()) {
            return new JobException(FailureCode.TOOL_TIMEOUT, end.description());
        }
        MatchResult last = STATEMENT
                .matcher(end.errors())
                .results()
                .reduce((_, later) -> later)
                .orElse(null);
        if (last != null) {
            return byState(last.group(1), last.group(2).strip());
        }
        if ((end.exitCode() == CANNOT_CONNECT && end.program().equals("psql"))
                || CONNECTION.matcher(end.errors()).find()) {
            return connection(end);
        }
        if (end.errors().contains("No space left on device")) {
            return full(end.description());
        }
        return new JobException(FailureCode.RESTORE_FAILED, end.description());
    }

    /** What a server's SQLSTATE means. */
    static JobException byState(String state, String message) {
        String what = "the server refused a statement: " + message + " (SQLSTATE " + state + ")";
        if (state.equals("53100")) {
            return full(what);
        }
        if (state.startsWith("28")) {
            return denied(what);
        }
        if (state.startsWith("08") || state.startsWith("57P")) {
            return unreachable(what);
        }
        return new JobException(FailureCode.RESTORE_FAILED, what);
    }

    private static JobException connection(ProcessEnd end) {
        String errors = end.errors();
        boolean denied = errors.contains("authentication failed")
                || errors.contains("no pg_hba.conf entry")
                || errors.contains("no password supplied")
                || errors.contains("permission denied for database")
                || errors.contains("is not permitted to log in");
        return denied ? denied(end.description()) : unreachable(end.description());
    }

    private static JobException denied(String what) {
        return new JobException(
                FailureCode.SERVICE_DENIED,
                what,
                "check user and password in the agent's configuration, and the server's pg_hba.conf; the user must be a"
                        + " superuser");
    }

    private static JobException unreachable(String what) {
        return new JobException(FailureCode.SERVICE_UNREACHABLE, what, "check that the server runs and can be reached");
    }

    private static JobException full(String what) {
        return new JobException(FailureCode.DISK_FULL, what, "make room on the database server's disk");
    }
}
