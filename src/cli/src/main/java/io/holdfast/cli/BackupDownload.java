package io.holdfast.cli;

import io.holdfast.cli.local.FileDownload;
import io.holdfast.cli.manager.Download;
import io.holdfast.cli.manager.DownloadPages;
import io.holdfast.cli.manager.StoreDownloads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Gets the files of one page into a folder, several at once, and checks each. */
final class BackupDownload {
    private static final int AT_ONCE = 8;

    private final StoreDownloads store;
    private final Path folder;

    BackupDownload(StoreDownloads store, Path folder) {
        this.store = store;
        this.folder = folder;
    }

    /** Gets what is not there yet. The first failure ends it; what was got until then stays. */
    void get(DownloadPages.Page page) throws InterruptedException {
        int files = page.now().files().size();
        ExecutorService threads =
                Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory());
        try {
            CompletionService<Boolean> gets = new ExecutorCompletionService<>(threads);
            for (int i = 0; i < files; i++) {
                int index = i;
                gets.submit(() -> get(page, index));
            }
            for (int i = 0; i < files; i++) {
                gets.take().get();
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        } finally {
            threads.shutdownNow();
            threads.close();
        }
    }

    private boolean get(DownloadPages.Page page, int index) throws InterruptedException {
        int asked = page.asked();
        Download.File file = page.now().files().get(index);
        if (get(file)) {
            return true;
        }
        // The addresses are good for some time only: new ones, once for each file.
        List<Download.File> again = new ArrayList<>(page.again(asked).files());
        if (index < again.size() && again.get(index).path().equals(file.path()) && get(again.get(index))) {
            return true;
        }
        throw StoreDownloads.failure(file, "the store refuses the address", null);
    }

    /** False when the address is not good any more. */
    private boolean get(Download.File file) throws InterruptedException {
        Path place = FileDownload.place(folder, file.path());
        return FileDownload.isThere(place, file.bytes(), file.sha256())
                || store.get(file, content -> FileDownload.write(place, content, file.bytes(), file.sha256()));
    }
}
