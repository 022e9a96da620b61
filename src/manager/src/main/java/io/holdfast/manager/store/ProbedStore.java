package io.holdfast.manager.store;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out what a store can do; until it could be asked, that is what every store can. May be used by any thread. */
public final class ProbedStore {
    private static final Logger log = LoggerFactory.getLogger(ProbedStore.class);
    private static final StoreAbilities UNKNOWN = new StoreAbilities("not probed yet", false, false, false, List.of());

    private final Store store;
    private final String older;
    private volatile @Nullable StoreAbilities found;

    /**
     * Of a store.
     *
     * @param older below it is what this release does not read: where there is something, the notes say so
     */
    public ProbedStore(Store store, String older) {
        this.store = store;
        this.older = older;
    }

    private StoreAbilities withNotes(StoreAbilities probed) {
        if (store.folders(older).isEmpty()) {
            return probed;
        }
        String note = "There are backups in the format holdfast/1 below " + older
                + ": this release does not read, list, verify or delete them. Use the release that made them to restore them.";
        log.error("store: {}", note);
        return new StoreAbilities(
                probed.description(),
                probed.conditionalPut(),
                probed.checksMd5(),
                probed.objectLock(),
                Stream.concat(Stream.of(note), probed.notes().stream()).toList());
    }

    /** What it can do, as far as that is known. */
    public StoreAbilities abilities() {
        StoreAbilities now = found;
        return now == null ? UNKNOWN : now;
    }

    /** Asks it unless that is known. To be repeated: it may be away. */
    public void probe() {
        if (found == null) {
            try {
                StoreAbilities probed = withNotes(store.probe());
                found = probed;
                log.info("store: {}", probed);
            } catch (StoreException e) {
                log.warn("the store cannot be used, and will be probed again: {}: {}", e.kind(), e.getMessage());
            }
        }
    }
}
