package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.Backup;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.manager.Started;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Wording;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a backup. */
@Command(name = "backup", description = "Makes a backup of an instance and waits until it has ended.")
final class BackupCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Mixin
    private final JobWatch watch;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    @Option(names = "--no-wait", description = "Start the backup and do not wait.")
    private boolean noWait;

    @Option(
            names = "--fresh",
            description = "Store all of it anew, instead of using unchanged segments of an earlier backup.")
    private boolean fresh;

    BackupCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
        this.watch = new JobWatch(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            Answer started = client.post(instance.path() + "/backups", fresh ? "{\"fresh\": true}" : "{}");
            long number = started.as(Started.class).id();
            if (noWait) {
                return startedOnly(started, number);
            }
            var ended = watch.until(
                    Backup::ended,
                    () -> client.get(instance.backup(number)),
                    Backup.class,
                    backup -> JobWatch.step(backup.status(), backup.progress()),
                    "The backup goes on. To cancel it: holdfast cancel " + instance + " --backup " + number);
            if (manager.json()) {
                manager.print(ended.answer());
            }
            Backup backup = ended.value();
            if (!backup.status().equals("done")) {
                throw JobWatch.failure("backup " + number + " of " + instance, backup.reason());
            }
            if (!manager.json()) {
                surroundings.out().println(summary(backup));
            }
            return ExitCode.OK.number();
        }
    }

    private int startedOnly(Answer started, long number) {
        if (manager.json()) {
            return manager.print(started);
        }
        surroundings.out().println("Backup " + number + " of " + instance + " is queued.");
        return ExitCode.OK.number();
    }

    private String summary(Backup backup) {
        StringBuilder text = new StringBuilder("Backup " + backup.id() + " of " + instance + " is done");
        Long size = backup.size();
        if (size != null) {
            text.append(": ").append(Wording.size(size));
            var artifacts = backup.artifacts();
            if (artifacts != null) {
                long plaintext = artifacts.stream()
                        .mapToLong(Backup.Artifact::plaintextBytes)
                        .sum();
                text.append(" from ").append(Wording.size(plaintext));
            }
            Long added = backup.addedBytes();
            if (added != null && added < size) {
                text.append(", ").append(Wording.size(added)).append(" of it stored newly");
            }
        }
        var start = backup.startedAt();
        var end = backup.finishedAt();
        if (start != null && end != null) {
            text.append(", ").append(Wording.duration(Duration.between(start, end)));
        }
        return text.append('.').toString();
    }
}
