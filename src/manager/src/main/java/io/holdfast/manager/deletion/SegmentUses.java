package io.holdfast.manager.deletion;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.catalogue.Manifests;
import io.holdfast.manager.deletion.DeletionTable.Standing;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which segments of an instance are used. These manifests count, of all lives of the instance: those of backups that
 * the catalogue lists; those noted for commits that have not ended; and each that the store has beside these, if a trusted key
 * signed it. So do objects that are read in the place of others. One manifest is in memory at a time. May be used by any thread.
 *
 * <p>Why it may be asked first, and removed later: a backup that is being made names segments of one good backup alone, which
 * cannot be marked for deletion as long, so whatever it names is counted.
 */
public final class SegmentUses {
    private final DeletionTable deletions;
    private final Backups backups;
    private final Manifests manifests;
    private final Store store;

    public SegmentUses(Deletions deletions, Backups backups, Store store, SigningKey signing) {
        this.deletions = deletions.table;
        this.backups = backups;
        this.manifests = new Manifests(store, signing.trusted());
        this.store = store;
    }

    /**
     * Reads what is used.
     *
     * @param folder the instance's
     * @param except a backup that does not count, since it goes; or null
     * @throws SegmentsInDoubt when there is a manifest that cannot be believed
     * @throws io.holdfast.manager.store.StoreException when the store cannot be read now
     */
    SegmentUse read(String folder, @Nullable String except) throws SegmentsInDoubt {
        SegmentUse use = new SegmentUse();
        Set<String> settled = new HashSet<>();
        List<String> good = new ArrayList<>();
        if (except != null) {
            settled.add(except);
        }
        // Before the listing: what is finished after this names nothing that is not counted.
        for (Standing row : deletions.standings(folder)) {
            if (!row.backupId().equals(except)) {
                count(folder, row, use, settled, good);
            }
        }
        Set<String> shown = new HashSet<>(store.folders(StoreLayout.backups(folder)));
        shown.forEach(use::addFolder);
        // Another listing: a manifest that one lacks is found by the other, since it is asked for by its name.
        store.folders(StoreLayout.segments(folder)).forEach(use::addFolder);
        for (String backupId : use.folders()) {
            if (!settled.contains(backupId)) {
                stored(folder, backupId).ifPresent(use::addFromStore);
            }
        }
        backups.replacements()
                .of(folder)
                .values()
                .forEach(each -> use.add(each.line().name()));
        good.stream().filter(each -> !shown.contains(each)).forEach(use::addUnlisted);
        return use;
    }

    private void count(String folder, Standing row, SegmentUse use, Set<String> settled, List<String> good)
            throws SegmentsInDoubt {
        if (row.state() == BackupState.DELETING) {
            settled.add(row.backupId());
            // As long as it is there, its own removal has not begun.
            if (store.head(StoreLayout.manifest(folder, row.backupId())).isPresent()) {
                use.add(noted(folder, row));
            }
        } else if (row.state().isListed()) {
            settled.add(row.backupId());
            use.add(noted(folder, row));
            if (row.state().isGood()) {
                good.add(row.backupId());
            }
        } else if (row.hasManifest()) {
            // The store may have another one of it, where the catalogue is older than the store: that counts too.
            use.add(noted(folder, row));
        }
    }

    private Manifest noted(String folder, Standing row) throws SegmentsInDoubt {
        try {
            return backups.parsedManifest(row.id())
                    .orElseThrow(() -> new SegmentsInDoubt("the catalogue has no manifest of backup " + row.backupId()
                            + " of " + folder + ", so what it uses is not known"));
        } catch (IllegalStateException e) {
            throw new SegmentsInDoubt("the catalogue's manifest of backup " + row.backupId() + " of " + folder
                    + " cannot be read, so what it uses is not known");
        }
    }

    private Optional<Manifest> stored(String folder, String backupId) throws SegmentsInDoubt {
        List<String> doubts = new ArrayList<>();
        Optional<Manifest> found = manifests.read(folder, backupId, doubts::add).map(Manifests.Authentic::manifest);
        if (!doubts.isEmpty()) {
            throw new SegmentsInDoubt(doubts.getFirst() + ", so what it uses is not known");
        }
        return found;
    }
}
