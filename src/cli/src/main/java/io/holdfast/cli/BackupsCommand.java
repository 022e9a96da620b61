package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.Backup;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.manager.Reason;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Table;
import io.holdfast.cli.terminal.Wording;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists an instance's backups. */
@Command(
        name = "backups",
        description = "Lists the backups of an instance, newest first, or shows what one of them contains.")
final class BackupsCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    @Parameters(
            index = "1",
            paramLabel = "BACKUP",
            arity = "0..1",
            description = "A backup's number, or \"latest\" for the latest good one.")
    private @Nullable BackupChoice choice;

    BackupsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            BackupChoice chosen = choice;
            return chosen == null
                    ? list(client)
                    : show(client, chosen.find(client, instance).id());
        }
    }

    private int list(ManagerClient client) throws InterruptedException {
        Answer answer = client.list(instance.path() + "/backups");
        if (manager.json()) {
            return manager.print(answer);
        }
        Table table = new Table(
                ">BACKUP", "STATUS", "STATE", ">SIZE", ">ADDED", ">KEY", "STARTED", "FINISHED", "MADE BY", "REASON");
        for (Backup backup : answer.asListOf(Backup.class)) {
            Backup.Maker maker = backup.madeBy();
            table.row(
                    backup.id(),
                    backup.status(),
                    Wording.orDash(backup.state()),
                    size(backup.size()),
                    size(backup.addedBytes()),
                    Wording.orDash(backup.keyVersion()),
                    Wording.time(backup.startedAt()),
                    Wording.time(backup.finishedAt()),
                    maker == null
                            ? "-"
                            : maker.agent() + " on " + maker.host() + ", "
                                    + maker.certificate().serial(),
                    reason(backup.reason()));
        }
        table.print(surroundings.out(), "No backups yet. Make one: holdfast backup " + instance);
        return ExitCode.OK.number();
    }

    private int show(ManagerClient client, long number) throws InterruptedException {
        Answer answer = client.get(instance.backup(number));
        if (manager.json()) {
            return manager.print(answer);
        }
        Backup backup = answer.as(Backup.class);
        var verification = backup.verification();
        surroundings
                .out()
                .println(Wording.printable(
                        "Backup " + number + " of " + instance + " (" + Wording.orDash(backup.backupId())
                                + "): " + Wording.orDash(backup.state()) + ", verification: "
                                + (verification == null ? "-" : verification.state()) + ", server version: "
                                + Wording.orDash(backup.engineVersion())));
        if (backup.size() != null) {
            surroundings
                    .out()
                    .println("Size: " + size(backup.size()) + ", of which " + size(backup.addedBytes())
                            + " was stored newly");
        }
        Backup.Maker maker = backup.madeBy();
        if (maker != null) {
            surroundings.out().println(Wording.printable("Made by " + maker.text()));
        }
        List<String> notes = backup.notes();
        if (notes != null) {
            notes.forEach(note -> surroundings.out().println("NOTE: " + Wording.printable(note)));
        }
        Table table = new Table("ARTIFACT", "TYPE", "SOURCE", ">DUMPED", ">STORED", ">SEGMENTS");
        List<Backup.Artifact> artifacts = backup.artifacts();
        for (Backup.Artifact artifact : artifacts == null ? List.<Backup.Artifact>of() : artifacts) {
            table.row(
                    artifact.name(),
                    Wording.orDash(artifact.type()),
                    Wording.orDash(artifact.source()),
                    Wording.size(artifact.plaintextBytes()),
                    Wording.size(artifact.bytes()),
                    artifact.segments());
        }
        table.print(surroundings.out(), "Nothing is stored yet.");
        return ExitCode.OK.number();
    }

    private static String size(@Nullable Long bytes) {
        return bytes == null ? "-" : Wording.size(bytes);
    }

    private static String reason(@Nullable Reason reason) {
        return reason == null ? "" : reason.code();
    }
}
