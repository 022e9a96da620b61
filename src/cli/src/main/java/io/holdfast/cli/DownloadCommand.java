package io.holdfast.cli;

import io.holdfast.cli.local.FileDownload;
import io.holdfast.cli.local.LocalFiles;
import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.Backup;
import io.holdfast.cli.manager.Download;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.manager.StoreDownloads;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Downloads a backup as it is stored. */
@Command(
        name = "download",
        description = "Downloads a backup with its key files into a folder, as it is stored: encrypted. Size and"
                + " SHA-256 of each file are checked. Run again, it downloads only what is missing.")
final class DownloadCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    @Parameters(
            index = "1",
            paramLabel = "BACKUP",
            description = "The backup's number, or \"latest\" for the latest good one.")
    private BackupChoice choice = BackupChoice.UNSET;

    @Option(names = "--to", paramLabel = "DIR", required = true, description = "The folder; it is created if missing.")
    private Path folder = Path.of("");

    @Option(
            names = "--store-ca-file",
            paramLabel = "FILE",
            description =
                    "The CA of the store's certificate, in PEM form, if the files come from an S3 store with a CA of its own.")
    private @Nullable Path storeCa;

    DownloadCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect();
                StoreDownloads store = new StoreDownloads(manager.tlsAlso(storeCa))) {
            Backup backup = choice.find(client, instance);
            String path = instance.backup(backup.id()) + "/download";
            Answer answer = client.get(path);
            Download download = answer.as(Download.class);
            long bytes = 0;
            for (int i = 0; i < download.files().size(); i++) {
                Download.File file = download.files().get(i);
                if (!get(store, file)) {
                    // The addresses are good for some time only: ask for new ones, once for each file.
                    download = client.get(path).as(Download.class);
                    if (i >= download.files().size()
                            || !get(store, download.files().get(i))) {
                        throw StoreDownloads.failure(file, "the store refuses the address", null);
                    }
                }
                bytes += file.bytes();
            }
            readme(download.howToOpen());
            if (manager.json()) {
                return manager.print(answer);
            }
            surroundings
                    .out()
                    .println("Backup " + backup.id() + " of " + instance + " is in " + folder + ": "
                            + download.files().size() + " files, " + bytes
                            + " bytes, as it was made. README.txt says how"
                            + " to open it.");
            return ExitCode.OK.number();
        }
    }

    /** False when the address is not good any more. */
    private boolean get(StoreDownloads store, Download.File file) throws InterruptedException {
        Path place = FileDownload.place(folder, file.path());
        if (FileDownload.isThere(place, file.bytes(), file.sha256())) {
            return true;
        }
        surroundings.err().println("getting " + file.path());
        return store.get(file, content -> FileDownload.write(place, content, file.bytes(), file.sha256()));
    }

    private void readme(String text) {
        Path file = folder.resolve("README.txt");
        try {
            Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw LocalFiles.unreadable(file, e);
        }
    }
}
