package io.holdfast.cli.manager;

import java.util.List;

/** Where a backup can be downloaded, as the API says it. */
public record Download(String backupId, String howToOpen, List<File> files) {
    /**
     * One file.
     *
     * @param path where it belongs, below a folder for the instance
     * @param url needs no credentials
     */
    public record File(String path, String url, long bytes, String sha256) {}
}
