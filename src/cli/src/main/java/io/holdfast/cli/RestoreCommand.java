package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.Backup;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.manager.Restore;
import io.holdfast.cli.manager.Started;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Wording;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Restores a backup over the live data. */
@Command(
        name = "restore",
        description = "Replaces an instance's data with a backup of it and waits until that has ended. All of the"
                + " backup is read and checked before live data is touched.")
final class RestoreCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Mixin
    private final PassphraseInput key;

    @Mixin
    private final JobWatch watch;

    @Mixin
    private final Confirmation confirmation;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    @Parameters(
            index = "1",
            paramLabel = "BACKUP",
            description = "The backup's number, or \"latest\" for the latest good one.")
    private BackupChoice choice = BackupChoice.UNSET;

    @Option(
            names = "--skip-broken",
            description = "Leave out indexes, queues, exchanges, users and the like that cannot be restored, instead of"
                    + " restoring nothing. They are listed as notes.")
    private boolean skipBroken;

    @Option(names = "--no-wait", description = "Start the restore and do not wait.")
    private boolean noWait;

    RestoreCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
        this.key = new PassphraseInput(surroundings);
        this.watch = new JobWatch(surroundings);
        this.confirmation = new Confirmation(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            Backup backup = choice.find(client, instance);
            for (String note : notes(backup)) {
                surroundings.err().println("NOTE: " + Wording.printable(note));
            }
            confirmation.require(
                    instance,
                    "This replaces the data of " + instance + " with its backup " + backup.id() + " of "
                            + Wording.time(backup.startedAt()) + madeBy(backup) + "."
                            + (skipBroken
                                    ? " Parts of the backup that cannot be restored are left out, and listed afterwards."
                                    : ""));
            Answer started = key.post(
                    client,
                    instance.backup(backup.id()) + "/restore",
                    skipBroken ? Map.of("skip_broken", true) : Map.of());
            long number = started.as(Started.class).id();
            if (noWait) {
                return startedOnly(started, number);
            }
            var ended = watch.until(
                    Restore::ended,
                    () -> client.get(instance.restore(number)),
                    Restore.class,
                    restore -> JobWatch.step(restore.status(), restore.progress()),
                    "The restore goes on. To cancel it: holdfast cancel " + instance + " --restore " + number);
            if (manager.json()) {
                manager.print(ended.answer());
            }
            Restore restore = ended.value();
            if (!restore.status().equals("done")) {
                throw failure(restore);
            }
            if (!manager.json()) {
                report(restore, backup);
            }
            return ExitCode.OK.number();
        }
    }

    private static List<String> notes(Backup backup) {
        List<String> notes = backup.notes();
        return notes == null ? List.of() : notes;
    }

    private static String madeBy(Backup backup) {
        Backup.Maker maker = backup.madeBy();
        return maker == null ? "" : ", made by " + Wording.printable(maker.text());
    }

    private int startedOnly(Answer started, long number) {
        if (manager.json()) {
            return manager.print(started);
        }
        surroundings.out().println("Restore " + number + " of " + instance + " is queued.");
        return ExitCode.OK.number();
    }

    private Failure failure(Restore restore) {
        Failure failure = JobWatch.failure("restore " + restore.id() + " of " + instance, restore.reason());
        String live = restore.liveData();
        return live == null
                ? failure
                : new Failure(
                        failure.exitCode(),
                        failure.code(),
                        failure.what() + " (live data: " + live.replace('_', ' ') + ")",
                        failure.hint());
    }

    private void report(Restore restore, Backup backup) {
        PrintStream out = surroundings.out();
        out.println("Restore " + restore.id() + " of " + instance + " from backup " + backup.id() + " is done.");
        Restore.Result result = restore.result();
        if (result != null) {
            list(out, "restored", result.restored());
            list(out, "left alone", result.leftAlone());
            list(out, "old data kept as", result.kept());
            list(out, "note", result.notes());
        }
    }

    private static void list(PrintStream out, String title, @Nullable List<String> texts) {
        if (texts != null) {
            texts.forEach(text -> out.println("  " + title + ": " + Wording.printable(text)));
        }
    }
}
