package io.holdfast.manager.backup;

import io.holdfast.manager.sql.Database;
import java.util.List;

/** The uploads in parts that the manager began for agents, and what it allowed to be sent. */
public final class Uploads {
    final UploadTable table;

    public Uploads(Database database) {
        this.table = new UploadTable(database);
    }

    /** Open uploads that no live attempt and no commit needs any more. */
    public List<Upload> abandoned() {
        return table.abandoned();
    }

    /** Whether the store's upload belongs to a live attempt or a commit. */
    public boolean isNeeded(String uploadId) {
        return table.isNeeded(uploadId);
    }

    public void markAborted(long upload) {
        table.markAborted(upload);
    }
}
