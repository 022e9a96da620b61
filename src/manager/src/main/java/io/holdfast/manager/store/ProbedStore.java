package io.holdfast.manager.store;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out what a store can do; until it could be asked, that is what every store can. May be used by any thread. */
public final class ProbedStore {
    private static final Logger log = LoggerFactory.getLogger(ProbedStore.class);
    private static final StoreAbilities UNKNOWN = new StoreAbilities("not probed yet", false, false, false, List.of());

    private final Store store;
    private volatile @Nullable StoreAbilities found;

    public ProbedStore(Store store) {
        this.store = store;
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
                StoreAbilities probed = store.probe();
                found = probed;
                log.info("store: {}", probed);
            } catch (StoreException e) {
                log.warn("the store cannot be used, and will be probed again: {}: {}", e.kind(), e.getMessage());
            }
        }
    }
}
