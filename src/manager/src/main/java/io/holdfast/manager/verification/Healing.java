package io.holdfast.manager.verification;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupAge;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.Replacement;
import io.holdfast.manager.instance.Instance;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for what can be read in the place of an object that is damaged or lost: one of the same content, by the fingerprint in
 * another authentic list of the instance, that the same key opens. May be used by any thread.
 */
final class Healing {
    private static final Logger log = LoggerFactory.getLogger(Healing.class);
    private static final int PAGE = 1000;

    private final Backups backups;
    private final RecentLists lists;
    private final StoredBackups stored;

    Healing(Backups backups, RecentLists lists, StoredBackups stored) {
        this.backups = backups;
        this.lists = lists;
        this.stored = stored;
    }

    /**
     * Has another object read in the place of one, if there is any.
     *
     * @param backup one that uses it
     * @throws io.holdfast.manager.store.StoreException when the store cannot be read now
     */
    boolean heal(Instance instance, Backup backup, SegmentName damaged) {
        String folder = instance.folder();
        Map<SegmentName, Replacement> known = backups.replacements().of(folder);
        // It may be read in the place of another one itself.
        SegmentName lost = known.values().stream()
                .filter(each -> each.line().name().equals(damaged))
                .map(Replacement::lost)
                .findFirst()
                .orElse(damaged);
        Set<SegmentName> useless = new HashSet<>(known.keySet());
        useless.add(lost);
        useless.add(damaged);
        Manifest manifest = backups.parsedManifest(backup.id()).orElseThrow();
        Optional<SegmentLine> original = find(manifest, each -> each.name().equals(lost));
        for (BackupAge age : original.isEmpty() ? List.<BackupAge>of() : backups.ages(instance.id())) {
            Optional<SegmentLine> other =
                    age.state().isListed() ? other(instance, manifest, age, original.get(), useless) : Optional.empty();
            if (other.isPresent()
                    && backups.replacements()
                            .add(
                                    instance.id(),
                                    folder,
                                    age.id(),
                                    new Replacement(lost, original.get().bytes(), age.backupId(), other.get()))) {
                log.warn(
                        "{} of {} is damaged or lost: {}, which backup {} uses, has the same content and is read instead",
                        lost.path(),
                        instance.instanceId(),
                        other.get().name().path(),
                        age.backupId());
                return true;
            }
        }
        return false;
    }

    private Optional<SegmentLine> other(
            Instance instance, Manifest manifest, BackupAge age, SegmentLine original, Set<SegmentName> useless) {
        return backups.parsedManifest(age.id())
                .filter(each -> each.keyVersion() == manifest.keyVersion())
                .flatMap(each -> find(
                        each,
                        line -> line.fingerprint().equals(original.fingerprint())
                                && !useless.contains(line.name())
                                && stored.isWhole(instance, each, line)));
    }

    /** The first line like that of a backup's list; none when the list is not as it was made. */
    private Optional<SegmentLine> find(Manifest manifest, Predicate<SegmentLine> like) {
        try {
            for (long first = 0; first < manifest.segments().list().lines(); first += PAGE) {
                Optional<SegmentLine> found = lists.lines(manifest, first, PAGE).stream()
                        .map(OpenedList::parse)
                        .filter(like)
                        .findFirst();
                if (found.isPresent()) {
                    return found;
                }
            }
        } catch (UnreadableBackup e) {
            log.warn("backup {} heals nothing: {}", manifest.backupId(), e.getMessage());
        }
        return Optional.empty();
    }
}
