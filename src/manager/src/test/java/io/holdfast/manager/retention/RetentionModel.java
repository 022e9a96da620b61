package io.holdfast.manager.retention;

import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.config.KeepRules;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The rules once more, as a person would apply them with a list on paper: each rule strikes the list anew, and what no
 * rule and no guard speaks for goes. Only which backups go is compared, not why the others stay.
 */
final class RetentionModel {
    private RetentionModel() {}

    /** The numbers of those that go. */
    static Set<Long> going(KeepRules rules, Collection<Copy> all, Instant now, boolean verifiedOnly) {
        List<Copy> there = all.stream()
                .filter(each -> Set.of("PENDING", "UPLOADED", "DONE", "VERIFIED", "SUSPECT")
                        .contains(each.state().name()))
                .toList();
        boolean odd = there.stream().anyMatch(each -> each.state() == BackupState.SUSPECT)
                || there.stream()
                        .anyMatch(each -> each.madeAt() != null && each.madeAt().isAfter(now));
        List<Copy> good = new ArrayList<>(there.stream()
                .filter(each -> each.madeAt() != null)
                .filter(each -> verifiedOnly
                        ? each.state() == BackupState.VERIFIED
                        : each.state() == BackupState.DONE || each.state() == BackupState.VERIFIED)
                .sorted(Comparator.<Copy, Instant>comparing(each -> time(each)).thenComparingLong(Copy::id))
                .toList());
        Set<Long> going = new TreeSet<>();
        if (odd) {
            return going;
        }
        List<Copy> spared = independent(good);
        for (int i = 0; i < good.size(); i++) {
            Copy copy = good.get(i);
            int newer = good.size() - 1 - i;
            Duration age = Duration.between(time(copy), now);
            boolean kept = newer < Math.max(rules.last(), rules.minGoodCopies())
                    || age.compareTo(rules.within()) <= 0
                    || age.compareTo(Duration.ofDays(1)) < 0
                    || first(good, i, rules.daily(), rules, day -> day.getYear() + "-" + day.getDayOfYear())
                    || first(good, i, rules.weekly(), rules, RetentionModel::week)
                    || first(good, i, rules.monthly(), rules, day -> day.getYear() + "-" + day.getMonth())
                    || first(good, i, rules.yearly(), rules, day -> "" + day.getYear());
            boolean guarded = spared.contains(copy)
                    || copy.held()
                    || copy.inUse()
                    || copy.sequence() == null
                    || good.stream().noneMatch(other -> time(other).isAfter(time(copy)))
                    || good.stream().anyMatch(other -> contradicts(copy, other));
            if (!kept && !guarded) {
                going.add(copy.id());
            }
        }
        return going;
    }

    /** The last that was made before all that the newest one uses, and the first after it. */
    private static List<Copy> independent(List<Copy> good) {
        if (good.isEmpty()) {
            return List.of();
        }
        Copy newest = good.getLast();
        Instant oldestPart = newest.restsSince() == null ? time(newest) : newest.restsSince();
        List<Copy> others = good.subList(0, good.size() - 1);
        List<Copy> spared = new ArrayList<>(
                others.stream().filter(each -> time(each).isBefore(oldestPart)).toList());
        spared = new ArrayList<>(spared.subList(Math.max(0, spared.size() - 1), spared.size()));
        others.stream()
                .filter(each -> !time(each).isBefore(oldestPart))
                .findFirst()
                .ifPresent(spared::add);
        return spared;
    }

    private static String week(ZonedDateTime day) {
        return day.get(IsoFields.WEEK_BASED_YEAR) + "-" + day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
    }

    /** Whether it is its period's newest, and less than so many periods with a newer one are there. */
    private static boolean first(
            List<Copy> good, int index, int count, KeepRules rules, Function<ZonedDateTime, String> period) {
        String own = period.apply(time(good.get(index)).atZone(rules.zone()));
        Set<String> newer = new TreeSet<>();
        for (Copy other : good.subList(index + 1, good.size())) {
            newer.add(period.apply(time(other).atZone(rules.zone())));
        }
        return !newer.contains(own) && newer.size() < count;
    }

    private static boolean contradicts(Copy one, Copy other) {
        if (one.sequence() == null || other.sequence() == null) {
            return false;
        }
        int byOrder = Long.compare(one.sequence(), other.sequence());
        int byTime = time(one).compareTo(time(other));
        return byOrder * byTime < 0;
    }

    private static Instant time(Copy copy) {
        return copy.madeAt() == null ? Instant.EPOCH : copy.madeAt();
    }
}
