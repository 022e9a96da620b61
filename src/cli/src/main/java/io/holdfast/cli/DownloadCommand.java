package io.holdfast.cli;

import io.holdfast.cli.local.LocalFiles;
import io.holdfast.cli.manager.Backup;
import io.holdfast.cli.manager.Download;
import io.holdfast.cli.manager.DownloadPages;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.manager.StoreDownloads;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.format.json.Json;
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
            DownloadPages pages = new DownloadPages(client, instance.backup(backup.id()));
            BackupDownload getting = new BackupDownload(store, folder);
            String howToOpen = "";
            long files = 0;
            long bytes = 0;
            Long next = 0L;
            while (next != null) {
                DownloadPages.Page page = pages.page(next);
                Download download = page.now();
                surroundings
                        .err()
                        .println("getting " + download.files().size() + " files, after " + files + " files of " + bytes
                                + " bytes");
                getting.get(page);
                howToOpen = next == 0 ? download.howToOpen() : howToOpen;
                files += download.files().size();
                bytes += download.files().stream()
                        .mapToLong(Download.File::bytes)
                        .sum();
                next = download.nextPage();
            }
            readme(howToOpen);
            if (manager.json()) {
                surroundings
                        .out()
                        .println(Json.mapper()
                                .writeValueAsString(
                                        new Result(instance.toString(), backup.id(), folder.toString(), files, bytes)));
            } else {
                surroundings
                        .out()
                        .println("Backup " + backup.id() + " of " + instance + " is in " + folder + ": " + files
                                + " files, " + bytes + " bytes, as it was made. README.txt says how to open it.");
            }
            return ExitCode.OK.number();
        }
    }

    /** The form of {@code --json}; the names are a promise, as the API's are. */
    record Result(String instanceId, long id, String folder, long files, long bytes) {}

    private void readme(String text) {
        Path file = folder.resolve("README.txt");
        try {
            Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw LocalFiles.unreadable(file, e);
        }
    }
}
