package io.holdfast.manager.retention;

import static java.util.Comparator.naturalOrder;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.cron.CronExpression;
import io.holdfast.manager.cron.CronSchedule;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Beside the newest good backup another one stays of which it uses nothing. */
class IndependentBackupTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final KeepRules LEAST = new KeepRules(0, Duration.ZERO, 0, 0, 0, 0, 1, ZoneOffset.UTC);

    private static Instant daysAgo(int days) {
        return NOW.minus(Duration.ofDays(days)).minusSeconds(3600);
    }

    private static Copy copy(int daysAgo, @Nullable Instant restsSince) {
        return new Copy(
                100 - daysAgo, BackupState.VERIFIED, daysAgo(daysAgo), restsSince, 100L - daysAgo, false, false);
    }

    /** One for each day; the newest uses nothing that is older than so many days. */
    private static List<Copy> daily(int days, @Nullable Instant newestRestsSince) {
        List<Copy> copies = new ArrayList<>();
        for (int day = days; day > 0; day--) {
            copies.add(copy(day, daysAgo(day + 3)));
        }
        copies.add(copy(0, newestRestsSince));
        return copies;
    }

    private static Map<Long, Set<KeepReason>> kept(KeepRules rules, List<Copy> copies) {
        return Retention.decide(rules, copies, NOW, true).stream()
                .filter(each -> !each.goes())
                .collect(Collectors.toMap(each -> 100 - each.copy().id(), Verdict::reasons));
    }

    @Test
    void theNewestThatSharesNothingStaysAndTheNextThatWill() {
        Map<Long, Set<KeepReason>> kept = kept(LEAST, daily(20, daysAgo(10).plusMillis(1)));
        assertThat(kept).containsOnlyKeys(0L, 9L, 10L);
        assertThat(kept.get(10L)).containsExactly(KeepReason.INDEPENDENT);
        assertThat(kept.get(9L)).containsExactly(KeepReason.NEXT_INDEPENDENT);
    }

    @Test
    void whatWasFinishedWhenTheOldestPartWasStoredMayShareIt() {
        Map<Long, Set<KeepReason>> kept = kept(LEAST, daily(20, daysAgo(10)));
        assertThat(kept.get(11L)).containsExactly(KeepReason.INDEPENDENT);
        assertThat(kept.get(10L)).containsExactly(KeepReason.NEXT_INDEPENDENT);
    }

    @Test
    void whereNothingIsSharedOnlyTheOneBeforeStays() {
        for (@Nullable Instant own : new @Nullable Instant[] {null, daysAgo(0), daysAgo(0).minusSeconds(60)}) {
            Map<Long, Set<KeepReason>> kept = kept(LEAST, daily(20, own));
            assertThat(kept).as("" + own).containsOnlyKeys(0L, 1L);
            assertThat(kept.get(1L)).containsExactly(KeepReason.INDEPENDENT);
        }
        KeepRules usual = new KeepRules(3, Duration.ofDays(7), 14, 8, 12, 0, 3, ZoneOffset.UTC);
        assertThat(kept(usual, daily(60, null)).get(1L)).contains(KeepReason.LAST);
    }

    @Test
    void whereEverythingIsSharedTheOldestStaysUntilItIsNot() {
        Map<Long, Set<KeepReason>> kept = kept(LEAST, daily(5, daysAgo(6)));
        assertThat(kept).containsOnlyKeys(0L, 5L);
        assertThat(kept.get(5L)).containsExactly(KeepReason.NEXT_INDEPENDENT);
        assertThat(kept(LEAST, daily(0, daysAgo(6)))).containsOnlyKeys(0L);
    }

    @Test
    void onlyAGoodOneIsAnotherCopy() {
        List<Copy> copies = new ArrayList<>(daily(12, daysAgo(10).plusMillis(1)));
        copies.replaceAll(each -> each.id() == 90
                ? new Copy(90, BackupState.DONE, each.madeAt(), each.restsSince(), 90L, false, false)
                : each);
        assertThat(kept(LEAST, copies).get(11L)).containsExactly(KeepReason.INDEPENDENT);
        assertThat(kept(LEAST, copies).get(10L)).containsExactly(KeepReason.NOT_VERIFIED);
    }

    @Test
    void theForecastSaysWhenAnotherOneTakesItsPlace() {
        CronSchedule schedule = new CronSchedule(CronExpression.parse("0 11 * * *"), ZoneOffset.UTC);
        List<Copy> copies = daily(20, daysAgo(10).plusMillis(1));
        Forecast forecast = new Forecast(LEAST, copies, schedule, Duration.ofDays(14), NOW);
        List<Verdict> verdicts = Retention.decide(LEAST, copies, NOW, true);
        Verdict independent = verdicts.get(10);
        assertThat(independent.reasons()).containsExactly(KeepReason.INDEPENDENT);
        // The next one is 9 days old, so after 5 more nothing of it is used.
        assertThat(forecast.deletion(independent, null)).contains(Instant.parse("2026-11-29T11:00:00Z"));
        assertThat(forecast.deletion(verdicts.get(11), null)).contains(Instant.parse("2026-12-13T11:00:00Z"));
        Forecast unshared = new Forecast(LEAST, daily(3, null), schedule, Duration.ZERO, NOW);
        Verdict before = Retention.decide(LEAST, daily(3, null), NOW, true).get(2);
        assertThat(unshared.deletion(before, null)).contains(Instant.parse("2026-11-24T11:00:00Z"));
        assertThat(new Forecast(LEAST, copies, null, Duration.ofDays(14), NOW).deletion(independent, null))
                .isEmpty();
    }

    /** Segments that are borrowed, and brought again after some days, as backups do it. */
    private static final class History {
        private static final int SEGMENTS = 60;

        private final Random random;
        private final int freshAfterDays;
        /** Of each backup that is there, for each segment the number and the day of the copy that it uses. */
        private final Map<Long, List<Stored>> used = new HashMap<>();

        private final Map<Stored, Instant> madeAt = new HashMap<>();
        private final List<Copy> copies = new ArrayList<>();

        History(Random random, int freshAfterDays) {
            this.random = random;
            this.freshAfterDays = freshAfterDays;
        }

        /** A segment as the backup of a day has brought it. */
        private record Stored(int segment, long day) {}

        void backUp(int day) {
            Instant made = NOW.plus(Duration.ofDays(day)).minusSeconds(7200L - random.nextInt(3600));
            List<Stored> lent = copies.isEmpty()
                    ? List.of()
                    : used.getOrDefault(copies.getLast().id(), List.of());
            List<Stored> uses = new ArrayList<>();
            for (int i = 0; i < SEGMENTS; i++) {
                boolean changed = random.nextInt(100) == 0;
                Stored before = lent.isEmpty() ? null : lent.get(i);
                if (before == null || changed || isDue(before, day)) {
                    before = new Stored(i, day);
                    madeAt.put(before, made);
                }
                uses.add(before);
            }
            used.put((long) day, uses);
            Instant since = uses.stream().map(madeAt::get).min(naturalOrder()).orElseThrow();
            copies.add(new Copy(
                    day, BackupState.VERIFIED, made.plusSeconds(random.nextInt(2)), since, (long) day, false, false));
        }

        /** On the first day after it was made with (day + segment) mod days = 0, or later. */
        private boolean isDue(Stored stored, int day) {
            if (freshAfterDays == 0) {
                return true;
            }
            long due = stored.day() + 1;
            while ((due + stored.segment()) % freshAfterDays != 0) {
                due++;
            }
            return day >= due;
        }

        void forget(KeepRules rules, int day) {
            Instant now = NOW.plus(Duration.ofDays(day));
            Set<Long> going = Retention.decide(rules, copies, now, true).stream()
                    .filter(Verdict::goes)
                    .map(each -> each.copy().id())
                    .collect(Collectors.toSet());
            copies.removeIf(each -> going.contains(each.id()));
            used.keySet().removeAll(going);
        }

        /** The days of those that share nothing with the newest. */
        NavigableSet<Long> independent() {
            Set<Stored> newest = Set.copyOf(used.getOrDefault(copies.getLast().id(), List.of()));
            NavigableSet<Long> found = new TreeSet<>();
            used.forEach((day, uses) -> {
                if (uses.stream().noneMatch(newest::contains)) {
                    found.add(day);
                }
            });
            return found;
        }
    }

    @Test
    void withDailyBackupsAnotherCopyIsAlwaysThereWhateverTheRulesAre() {
        long seed = Long.getLong("seed", System.nanoTime());
        for (int i = 0; i < 150; i++) {
            Random random = new Random(seed + i);
            int fresh = List.of(0, 1, 7, 14, 14).get(random.nextInt(5));
            int last = random.nextInt(4);
            int daily = random.nextInt(3);
            KeepRules rules = new KeepRules(
                    last, Duration.ZERO, daily, random.nextInt(2), 0, 0, 1 + random.nextInt(3), ZoneOffset.UTC);
            History history = new History(random, fresh);
            for (int day = 0; day < 90; day++) {
                if (random.nextInt(12) != 0) {
                    history.backUp(day);
                }
                if (history.copies.isEmpty()) {
                    continue;
                }
                history.forget(rules, day);
                String which = "-Dseed=" + (seed + i) + ", fresh after " + fresh + ", " + rules + ", day " + day;
                if (day >= fresh + 20) {
                    assertThat(history.independent()).as(which).isNotEmpty();
                    // It is itself replaced before it is too old to be of use.
                    assertThat(history.independent().last()).as(which).isGreaterThan(day - 2L * fresh - 20);
                }
                assertThat(history.copies)
                        .as(which)
                        .hasSizeLessThanOrEqualTo(Math.max(last, rules.minGoodCopies()) + daily + rules.weekly() + 4);
                for (Verdict verdict : Retention.decide(rules, history.copies, NOW.plus(Duration.ofDays(day)), true)) {
                    if (verdict.reasons().contains(KeepReason.INDEPENDENT)) {
                        assertThat(history.independent())
                                .as(which)
                                .contains(verdict.copy().id());
                    }
                }
            }
        }
    }
}
