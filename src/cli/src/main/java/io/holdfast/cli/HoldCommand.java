package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Wording;
import io.holdfast.format.json.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Keeps a backup from being deleted. */
@Command(
        name = "hold",
        description = "Puts a backup on hold, so that it is not deleted until a given time or until it is released.")
final class HoldCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    @Parameters(index = "1", paramLabel = "BACKUP", description = "The backup's number.")
    private long number;

    @ArgGroup(multiplicity = "1")
    private Change change = new Change();

    /** One of the two. */
    static final class Change {
        @ArgGroup(exclusive = false, multiplicity = "1")
        private @Nullable Hold hold;

        @Option(names = "--release", required = true, description = "End the hold.")
        private boolean release;
    }

    /** Both belong together. */
    static final class Hold {
        @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "The reason, shown to others.")
        private String reason = "";

        @Option(
                names = "--until",
                paramLabel = "DATE",
                description = "When the hold ends automatically: a day such as 2027-01-31, or a time such as"
                        + " 2027-01-31T12:00:00Z; a day begins at midnight UTC.")
        private @Nullable String until;
    }

    HoldCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        Hold hold = change.release ? null : change.hold;
        Instant until = hold == null || hold.until == null ? null : time(hold.until);
        String path = instance.backup(number) + "/hold";
        try (ManagerClient client = manager.connect()) {
            Answer answer = hold == null ? client.delete(path) : client.post(path, body(hold.reason, until));
            if (manager.json()) {
                return manager.print(answer);
            }
            surroundings
                    .out()
                    .println("Backup " + number + " of " + instance
                            + (hold == null
                                    ? " is released."
                                    : " is held" + (until == null ? "." : " until " + Wording.time(until) + ".")));
            return ExitCode.OK.number();
        }
    }

    private static String body(String reason, @Nullable Instant until) {
        Map<String, String> body = new HashMap<>();
        body.put("reason", reason);
        if (until != null) {
            body.put("expires_at", until.toString());
        }
        return Json.mapper().writeValueAsString(body);
    }

    private static Instant time(String text) {
        try {
            return text.contains("T")
                    ? Instant.parse(text)
                    : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException e) {
            throw new Failure(ExitCode.USAGE, "Usage", "--until is neither a day nor a time", "such as 2027-01-31", e);
        }
    }
}
