package io.holdfast.manager.verification;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.store.Store;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The lists that were asked for last, so that whoever reads one page by page does not have it fetched for each. May be used by
 * any thread.
 */
public final class RecentLists implements AutoCloseable {
    private static final int MOST = 8;

    private final Store store;
    private final Map<String, OpenedList> recent = new LinkedHashMap<>(16, 0.75f, true);

    public RecentLists(Store store) {
        this.store = store;
    }

    /**
     * Some lines of a backup's list, see {@link OpenedList#lines}.
     *
     * @throws UnreadableBackup when the list is not in the store, or not as it was made
     */
    public List<String> lines(Manifest manifest, long first, int count) throws UnreadableBackup {
        String name = manifest.segments().list().sha256();
        synchronized (recent) {
            OpenedList there = recent.get(name);
            if (there != null) {
                return there.lines(first, count);
            }
        }
        // Two that ask for the same at once both fetch it: that is rare, and nobody waits for a store that is slow for
        // others.
        OpenedList opened = OpenedList.read(store, manifest);
        synchronized (recent) {
            OpenedList replaced = recent.put(name, opened);
            if (replaced != null) {
                replaced.close();
            }
            if (recent.size() > MOST) {
                Iterator<OpenedList> oldest = recent.values().iterator();
                oldest.next().close();
                oldest.remove();
            }
            return opened.lines(first, count);
        }
    }

    /** Closes all. */
    @Override
    public void close() {
        synchronized (recent) {
            recent.values().forEach(OpenedList::close);
            recent.clear();
        }
    }
}
