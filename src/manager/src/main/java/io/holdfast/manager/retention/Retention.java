package io.holdfast.manager.retention;

import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.config.KeepRules;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which backups of one instance are kept. A pure function: the same rows and the same time give the same
 * verdicts. {@code docs/retention.md} says the rules to people.
 */
final class Retention {
    /** How old a backup has to be, whatever the rules say. */
    static final Duration MIN_AGE = Duration.ofHours(24);

    private final KeepRules rules;
    private final Instant now;
    private final boolean verifiedOnly;
    private final List<Copy> copies;
    private final List<Copy> good;
    private final Map<Long, Set<KeepReason>> reasons = new HashMap<>();

    private Retention(KeepRules rules, Collection<Copy> all, Instant now, boolean verifiedOnly) {
        this.rules = rules;
        this.now = now;
        this.verifiedOnly = verifiedOnly;
        this.copies = all.stream().filter(each -> isThere(each.state())).toList();
        this.good = goodOnes(copies, verifiedOnly);
        copies.forEach(each -> reasons.put(each.id(), EnumSet.noneOf(KeepReason.class)));
    }

    /**
     * Decides.
     *
     * @param copies all backups of the instance, in any order
     * @param verifiedOnly whether only those that were read back are good
     * @return of each backup that is there, in the same order
     */
    static List<Verdict> decide(KeepRules rules, Collection<Copy> copies, Instant now, boolean verifiedOnly) {
        Retention retention = new Retention(rules, copies, now, verifiedOnly);
        retention.applyRules();
        retention.keepIndependent();
        retention.applyGuards();
        return retention.copies.stream()
                .map(copy -> new Verdict(copy, retention.of(copy)))
                .toList();
    }

    /** The good ones, newest first. */
    static List<Copy> goodOnes(Collection<Copy> copies, boolean verifiedOnly) {
        return copies.stream()
                .filter(each -> isGood(each.state(), verifiedOnly) && each.madeAt() != null)
                .sorted(Comparator.comparing(Retention::madeAt)
                        .thenComparingLong(Copy::id)
                        .reversed())
                .toList();
    }

    private static boolean isGood(BackupState state, boolean verifiedOnly) {
        return state == BackupState.VERIFIED || (state == BackupState.DONE && !verifiedOnly);
    }

    /** What failed or was deleted has nothing that could be kept. */
    private static boolean isThere(BackupState state) {
        return switch (state) {
            case PENDING, UPLOADED, DONE, VERIFIED, SUSPECT -> true;
            case FAILED, DELETING, DELETED -> false;
        };
    }

    private static Instant madeAt(Copy copy) {
        Instant madeAt = copy.madeAt();
        if (madeAt == null) {
            throw new IllegalStateException("only for backups with a time");
        }
        return madeAt;
    }

    private Set<KeepReason> of(Copy copy) {
        return reasons.getOrDefault(copy.id(), Set.of());
    }

    private void keep(Copy copy, KeepReason reason) {
        of(copy).add(reason);
    }

    private void applyRules() {
        good.stream().limit(rules.last()).forEach(each -> keep(each, KeepReason.LAST));
        good.stream().limit(rules.minGoodCopies()).forEach(each -> keep(each, KeepReason.MIN_GOOD_COPIES));
        good.stream()
                .filter(each -> !madeAt(each).plus(rules.within()).isBefore(now))
                .forEach(each -> keep(each, KeepReason.WITHIN));
        for (Period period : Period.values()) {
            Set<LocalDate> seen = new HashSet<>();
            for (Copy copy : good) {
                if (seen.size() < period.kept(rules) && seen.add(period.begin(madeAt(copy), rules.zone()))) {
                    keep(copy, period.reason());
                }
            }
        }
    }

    /**
     * Keeps a backup that no damage to the newest one's objects can touch. The objects of one that was made before the oldest of
     * what the newest one uses are others. As what the newest one uses is brought again, it becomes old: the next one is the oldest
     * that is newer, and stays until its time has come.
     */
    private void keepIndependent() {
        if (good.isEmpty()) {
            return;
        }
        Copy newest = good.getFirst();
        Instant since = newest.restsSince() == null ? madeAt(newest) : newest.restsSince();
        int independent = 1;
        while (independent < good.size() && !madeAt(good.get(independent)).isBefore(since)) {
            independent++;
        }
        if (independent < good.size()) {
            keep(good.get(independent), KeepReason.INDEPENDENT);
        }
        if (independent > 1) {
            keep(good.get(independent - 1), KeepReason.NEXT_INDEPENDENT);
        }
    }

    private void applyGuards() {
        boolean suspect = copies.stream().anyMatch(each -> each.state() == BackupState.SUSPECT);
        boolean future = copies.stream().anyMatch(each -> isLater(each.madeAt(), now));
        Set<Long> misplaced = outOfOrder();
        for (Copy copy : copies) {
            guardState(copy);
            guardTime(copy, misplaced);
            if (copy.held()) {
                keep(copy, KeepReason.HELD);
            }
            if (copy.inUse()) {
                keep(copy, KeepReason.IN_USE);
            }
            if (suspect && copy.state() != BackupState.SUSPECT) {
                keep(copy, KeepReason.INSTANCE_HAS_SUSPECT);
            }
            if (future) {
                keep(copy, KeepReason.INSTANCE_HAS_FUTURE);
            }
        }
    }

    private void guardState(Copy copy) {
        switch (copy.state()) {
            case PENDING, UPLOADED -> keep(copy, KeepReason.UNFINISHED);
            case SUSPECT -> keep(copy, KeepReason.SUSPECT);
            case DONE -> {
                if (verifiedOnly) {
                    keep(copy, KeepReason.NOT_VERIFIED);
                }
            }
            case VERIFIED, FAILED, DELETING, DELETED -> {
                // Only the rules speak for or against these.
            }
        }
    }

    private void guardTime(Copy copy, Set<Long> misplaced) {
        Instant madeAt = copy.madeAt();
        if (madeAt == null || copy.sequence() == null) {
            keep(copy, KeepReason.NO_TIME);
        }
        if (madeAt == null) {
            return;
        }
        if (madeAt.isAfter(now.minus(MIN_AGE))) {
            keep(copy, KeepReason.YOUNG);
        }
        if (good.isEmpty() || !isLater(good.getFirst().madeAt(), madeAt)) {
            keep(copy, KeepReason.NO_NEWER_GOOD_ONE);
        }
        if (misplaced.contains(copy.id())) {
            keep(copy, KeepReason.OUT_OF_ORDER);
        }
    }

    private static boolean isLater(@Nullable Instant one, Instant other) {
        return one != null && one.isAfter(other);
    }

    /** The good ones that were made after one with a later time, or before one with an earlier time. */
    private Set<Long> outOfOrder() {
        List<Copy> inOrder = good.stream()
                .filter(each -> each.sequence() != null)
                .sorted(Comparator.comparingLong(each -> each.sequence() == null ? 0L : each.sequence()))
                .toList();
        Set<Long> found = new HashSet<>();
        Instant latest = Instant.MIN;
        for (Copy copy : inOrder) {
            if (madeAt(copy).isBefore(latest)) {
                found.add(copy.id());
            } else {
                latest = madeAt(copy);
            }
        }
        Instant earliest = Instant.MAX;
        for (Copy copy : new ArrayList<>(inOrder).reversed()) {
            if (madeAt(copy).isAfter(earliest)) {
                found.add(copy.id());
            } else {
                earliest = madeAt(copy);
            }
        }
        return found;
    }
}
