package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.protocol.FailureCode;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The error that a client program ended with, see MariaDB's list of error codes.
 *
 * @param number 0 when it told none
 * @param line of its input, 0 when it told none
 */
record ServerError(int number, long line) {
    /** In the words of the client, and in those of the dump program. */
    private static final Pattern TEXT = Pattern.compile(
            "(?m)^(?:ERROR|[\\w-]+: (?:Got )?[Ee]rror:?)(?: (\\d+)\\b)?(?: \\(\\w+\\))?(?: at line (\\d+))?"
                    + "|^[\\w-]+: Couldn't execute '.*\\((\\d+)\\)$");

    private static final Set<Integer> DENIED = Set.of(1044, 1045, 1095, 1142, 1143, 1227, 1370, 1410, 1698, 1820, 4151);
    private static final Set<Integer> GONE = Set.of(1040, 1053, 1203, 1927, 2002, 2003, 2005, 2006, 2013, 2026);
    private static final Set<Integer> FULL = Set.of(1021, 1114, 3);

    /** The last one that a program told: before it the client may quote the statement. */
    static ServerError of(ProcessEnd end) {
        ServerError last = new ServerError(0, 0);
        Matcher matcher = TEXT.matcher(end.errors());
        while (matcher.find()) {
            last = matcher.group(3) == null
                    ? new ServerError((int) number(matcher.group(1)), number(matcher.group(2)))
                    : new ServerError((int) number(matcher.group(3)), 0);
        }
        return last;
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    /** What a program's failure means; the given code when it is about nothing else. */
    static JobException failure(ProcessEnd end, FailureCode otherwise) {
        return failure(end, end.description(), otherwise);
    }

    /** The same without the program's own words, which may quote data. */
    static JobException failureWithoutWords(ProcessEnd end, String place, FailureCode otherwise) {
        int number = of(end).number();
        ProcessEnd silent = new ProcessEnd(end.program(), end.exitCode(), end.timedOut(), "", 0);
        String error = number == 0 ? "an error" : "error " + number;
        return failure(end, silent.description() + ": " + error + place, otherwise);
    }

    private static JobException failure(ProcessEnd end, String description, FailureCode otherwise) {
        if (end.timedOut()) {
            return new JobException(FailureCode.TOOL_TIMEOUT, description);
        }
        return end.errors().contains("No space left on device")
                ? full(description)
                : of(end).failure(description, otherwise);
    }

    /** Whether it is about something that the server has, and not about the server or the user. */
    boolean aboutAnObject() {
        return number != 0 && !denied() && !GONE.contains(number) && !FULL.contains(number);
    }

    /** Whether the connection ended in the middle, which the server may have done itself. */
    boolean lostConnection() {
        return number == 2006 || number == 2013;
    }

    /** The failure of a program whose connection was ended by a server that is there all the same. */
    static JobException endedByServer(ProcessEnd end, String place) {
        ProcessEnd silent = new ProcessEnd(end.program(), end.exitCode(), end.timedOut(), "", 0);
        return new JobException(
                FailureCode.RESTORE_FAILED,
                silent.description() + ": error " + of(end).number() + place
                        + ": the server has ended the connection, and answers others",
                "see the server's log; a row that is larger than its max_allowed_packet, which is at most 1 GiB, ends a"
                        + " connection, and so does a server that fails and is started again at once");
    }

    /** Whether it is about a lack of rights. */
    boolean denied() {
        return DENIED.contains(number);
    }

    /** What this error means. */
    JobException failure(String description, FailureCode otherwise) {
        if (denied()) {
            return new JobException(
                    FailureCode.SERVICE_DENIED,
                    description,
                    "check user and password in the agent's configuration, and the rights that the adapter's page names");
        }
        if (GONE.contains(number)) {
            return new JobException(
                    FailureCode.SERVICE_UNREACHABLE, description, "check that the server runs and can be reached");
        }
        return FULL.contains(number) ? full(description) : new JobException(otherwise, description);
    }

    private static JobException full(String description) {
        return new JobException(FailureCode.DISK_FULL, description, "make room on the database server's disk");
    }
}
