package io.holdfast.manager.dashboard;

import io.holdfast.manager.dashboard.InstancePage.Header;
import io.holdfast.manager.downloads.DownloadsApi.DownloadView;
import io.holdfast.manager.downloads.DownloadsApi.FileView;

/**
 * The files of a backup.
 *
 * @param backup its number
 * @param files those of one page
 * @param first whether it is the first page
 */
record DownloadPage(Header header, long backup, DownloadView files, boolean first) {
    /** Whether these are all files that the backup has. */
    boolean all() {
        return first && files.nextPage() == null;
    }

    /** Where the next ones are shown. */
    String next() {
        return header.path() + "/backups/" + backup + "/download?page=" + files.nextPage();
    }

    /** What a shell has to do to have all of them. Neither paths nor addresses can have a quote in them. */
    String commands() {
        StringBuilder commands = new StringBuilder("umask 077\n");
        for (FileView each : files.files()) {
            commands.append("curl -fsS --create-dirs -o '")
                    .append(each.path())
                    .append("' '")
                    .append(each.url())
                    .append("'\n");
        }
        commands.append("sha256sum -c <<'END'\n");
        for (FileView each : files.files()) {
            commands.append(each.sha256()).append("  ").append(each.path()).append('\n');
        }
        return commands.append("END\n").toString();
    }
}
