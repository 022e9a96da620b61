package io.holdfast.manager.dashboard;

import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.downloads.DownloadsApi;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.instance.Instance;

/** Where a backup can be fetched from, and how it is opened without Holdfast. */
record DownloadPages(Frames frames, InstancePages pages, DownloadsApi downloads) {
    void addTo(GuardedRoutes routes) {
        routes.page("/i/{id}/backups/{n}/download", Right.MANAGE, this::show);
    }

    private Reply show(Access access, Request request) {
        Instance instance = pages.lookup().instance(request);
        Backup backup = pages.lookup().backup(request);
        long number = DownloadsApi.page(request);
        DownloadPage page = new DownloadPage(
                pages.header(instance, true),
                backup.id(),
                downloads.addresses(access, instance, backup, number),
                number == 0);
        Frame frame = frames.of(access, "Download backup " + backup.id(), Frame.Part.NONE);
        return Html.page(200, frame, (output, forms) -> JtedownloadGenerated.render(output, forms, frame, page));
    }
}
