package io.holdfast.cli;

import io.holdfast.cli.local.FolderCheck;
import io.holdfast.cli.local.Identities;
import io.holdfast.cli.local.NativeLibraries;
import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.Backup;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Wording;
import io.holdfast.format.age.Identity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Verifies a backup through the manager, or folders of a store without one. */
@Command(
        name = "verify",
        customSynopsis = {
            "holdfast verify [OPTIONS] INSTANCE BACKUP",
            "holdfast verify --directory DIR [--public-key FILE]... [--identity FILE]..."
                    + " [--passphrase-file FILE] [--json]"
        },
        description = {
            "Has the manager verify a backup (read, decrypt and decompress all of it), and waits for the result.",
            "With --directory: checks all backups in a folder without a manager: that the list of segments is the"
                    + " manifest's, that each segment has the size and SHA-256 that the list says, that the manifest is"
                    + " signed (--public-key), and that all of it decrypts and decompresses to the end (--identity). With"
                    + " both and the instance's record, also that each segment holds what its fingerprint says."
        })
final class VerifyCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Mixin
    private final JobWatch watch;

    @Parameters(index = "0", paramLabel = "INSTANCE", arity = "0..1", description = "The instance's id.")
    private @Nullable InstanceId instance;

    @Parameters(
            index = "1",
            paramLabel = "BACKUP",
            arity = "0..1",
            description = "The backup's number, or \"latest\" for the latest good one.")
    private @Nullable BackupChoice choice;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "A backup's folder, or one above it up to a whole store.")
    private @Nullable Path directory;

    @Option(
            names = "--public-key",
            paramLabel = "FILE",
            description = "The public key that manifests are signed with, in PEM form. May be repeated.")
    private List<Path> publicKeys = List.of();

    @Option(
            names = "--identity",
            paramLabel = "FILE",
            description =
                    "A key to decrypt with: the instance's, the recovery or the master identity. May be repeated.")
    private List<Path> identities = List.of();

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description =
                    "A file with a passphrase in its first line: the instance's passphrase, or that of an identity.")
    private @Nullable Path passphraseFile;

    VerifyCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
        this.watch = new JobWatch(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        Path folder = directory;
        InstanceId id = instance;
        BackupChoice which = choice;
        if (folder != null && id == null) {
            return offline(folder);
        }
        if (folder == null && id != null && which != null && publicKeys.isEmpty() && identities.isEmpty()) {
            return online(id, which);
        }
        throw new Failure(
                ExitCode.USAGE,
                "Usage",
                "give either INSTANCE and BACKUP, or --directory with its options",
                "see: holdfast verify --help");
    }

    private int offline(Path folder) {
        List<Identity> keys = new ArrayList<>(Identities.open(identities, passphraseFile));
        if (passphraseFile != null) {
            keys.add(Identities.passphrase(passphraseFile));
        }
        if (!keys.isEmpty()) {
            NativeLibraries.load();
        }
        FolderCheck check = new FolderCheck(FolderCheck.publicKeys(publicKeys), keys);
        return VerificationReport.print(check.run(folder), folder, manager.json(), surroundings.out());
    }

    private int online(InstanceId id, BackupChoice which) throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            long number = which.find(client, id).id();
            client.post(id.backup(number) + "/verify");
            var ended = watch.until(
                    backup -> {
                        var verification = backup.verification();
                        return verification != null && verification.ended();
                    },
                    () -> client.get(id.backup(number)),
                    Backup.class,
                    backup -> JobWatch.step("verifying", backup.progress()),
                    "The verification goes on. To see its result: holdfast backups " + id);
            return result(id, ended.value(), ended.answer());
        }
    }

    private int result(InstanceId id, Backup backup, Answer answer) {
        if (manager.json()) {
            manager.print(answer);
        }
        var verification = backup.verification();
        String state = verification == null ? "none" : verification.state();
        if (!state.equals("passed")) {
            String message = verification == null ? null : verification.message();
            throw new Failure(
                    ExitCode.FAILED,
                    "VerificationFailed",
                    "backup " + backup.id() + " of " + id + " did not pass: " + Wording.orDash(message),
                    "make a new backup: holdfast backup " + id);
        }
        if (!manager.json()) {
            surroundings.out().println("Backup " + backup.id() + " of " + id + " passed.");
        }
        return ExitCode.OK.number();
    }
}
