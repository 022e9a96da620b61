package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.Instance;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Wording;
import io.holdfast.format.json.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows or changes when an instance is backed up. */
@Command(name = "schedule", description = "Shows or changes when backups of an instance are scheduled.")
final class ScheduleCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    @ArgGroup
    private @Nullable Change change;

    @Option(
            names = "--time-zone",
            paramLabel = "ZONE",
            description = "The time zone of --cron, such as Europe/Berlin; by default the platform's.")
    private @Nullable String timeZone;

    /** One of these, or none. */
    static final class Change {
        @Option(
                names = "--cron",
                paramLabel = "CRON",
                required = true,
                description = "Give it a schedule of its own: five fields, such as \"30 1 * * *\".")
        private @Nullable String cron;

        @Option(names = "--default", required = true, description = "Give it the platform's schedule again.")
        private boolean platform;

        @Option(names = "--disable", required = true, description = "Disable scheduled backups.")
        private boolean disable;

        @Option(names = "--enable", required = true, description = "Enable scheduled backups again.")
        private boolean enable;
    }

    ScheduleCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        if (timeZone != null && (change == null || change.cron == null)) {
            throw new Failure(ExitCode.USAGE, "Usage", "--time-zone needs --cron", null);
        }
        try (ManagerClient client = manager.connect()) {
            if (change != null) {
                // An instance that is not there would be registered by the change.
                client.get(instance.path());
                client.put(instance.path(), body(change));
            }
            Answer answer = client.get(instance.path());
            return manager.json() ? manager.print(answer) : show(answer.as(Instance.class));
        }
    }

    private String body(Change wanted) {
        Map<String, @Nullable Object> body = new HashMap<>();
        if (wanted.cron != null) {
            Map<String, String> schedule = new HashMap<>();
            schedule.put("cron", wanted.cron);
            if (timeZone != null) {
                schedule.put("time_zone", timeZone);
            }
            body.put("schedule", schedule);
        } else if (wanted.platform) {
            body.put("schedule", null);
        } else {
            body.put("exclude_from_auto_backup", wanted.disable && !wanted.enable);
        }
        return Json.mapper().writeValueAsString(body);
    }

    private int show(Instance shown) {
        Instance.Schedule schedule = shown.schedule();
        String what = schedule == null
                ? "no schedule"
                : schedule.cron() + " in " + schedule.timeZone() + (schedule.own() ? "" : " (the platform's)");
        String disabled = Boolean.TRUE.equals(shown.excludeFromAutoBackup()) ? ", disabled" : "";
        surroundings
                .out()
                .println(Wording.printable("Schedule of " + instance + ": " + what + disabled + ". Next backup: "
                        + Wording.time(shown.nextBackupAt())));
        return ExitCode.OK.number();
    }
}
