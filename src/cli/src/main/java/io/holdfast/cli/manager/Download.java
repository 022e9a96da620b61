package io.holdfast.cli.manager;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a backup can be downloaded, as the API says it.
 *
 * @param files those of one page
 * @param nextPage the number of the next page, or null behind the last one
 */
public record Download(
        String backupId,
        String howToOpen,
        List<File> files,
        @Nullable Long nextPage) {
    /**
     * One file.
     *
     * @param path where it belongs, below a folder for the instance
     * @param url needs no credentials
     */
    public record File(String path, String url, long bytes, String sha256) {}
}
