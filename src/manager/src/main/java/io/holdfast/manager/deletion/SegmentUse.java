package io.holdfast.manager.deletion;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Bringer;
import io.holdfast.format.segment.Runs;
import io.holdfast.format.segment.SegmentName;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which segments of an instance the manifests use that count, see {@link SegmentUses}. Takes one bit for each segment that is
 * used. Not for several threads.
 */
final class SegmentUse {
    private final Map<Bringer, BitSet> used = new HashMap<>();
    private final Set<String> counted = new HashSet<>();
    private final SortedSet<String> fromStore = new TreeSet<>();
    private final SortedSet<String> folders = new TreeSet<>();
    private final SortedSet<String> unlisted = new TreeSet<>();

    /** Counts what a manifest uses. */
    void add(Manifest manifest) {
        counted.add(manifest.backupId());
        for (Manifest.Brought brought : manifest.segments().brought()) {
            BitSet numbers = used.computeIfAbsent(brought.bringer(), _ -> new BitSet());
            for (Runs.Run run : brought.runs().runs()) {
                numbers.set(run.first(), run.last() + 1);
            }
        }
    }

    /** Counts one segment. */
    void add(SegmentName segment) {
        used.computeIfAbsent(segment.bringer(), _ -> new BitSet()).set(segment.number());
    }

    /** Counts what a manifest uses that only the store has. */
    void addFromStore(Manifest manifest) {
        fromStore.add(manifest.backupId());
        add(manifest);
    }

    /** Notes that the store has something of a backup. */
    void addFolder(String backupId) {
        folders.add(backupId);
    }

    /** Notes that the store shows nothing of a good backup, though it must have its manifest. */
    void addUnlisted(String backupId) {
        unlisted.add(backupId);
    }

    /** Whether a manifest that counts uses a segment. */
    boolean isUsed(SegmentName segment) {
        BitSet numbers = used.get(segment.bringer());
        return numbers != null && numbers.get(segment.number());
    }

    /** Whether it uses the object at a path below the instance's folder; what is no segment is not used. */
    boolean isUsed(String path) {
        return SegmentName.find(path).filter(this::isUsed).isPresent();
    }

    /** Whether a backup's manifest is among those that count. */
    boolean counts(String backupId) {
        return counted.contains(backupId);
    }

    /** The backups whose manifests were found in the store alone: what a listing that lacks something could hide. */
    SortedSet<String> fromStore() {
        return Collections.unmodifiableSortedSet(fromStore);
    }

    /** The backups of which the store has anything. */
    SortedSet<String> folders() {
        return Collections.unmodifiableSortedSet(folders);
    }

    /** The good backups of which the store shows nothing: one of the two is not to be trusted then. */
    SortedSet<String> unlisted() {
        return Collections.unmodifiableSortedSet(unlisted);
    }
}
