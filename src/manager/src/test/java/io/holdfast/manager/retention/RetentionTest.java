package io.holdfast.manager.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.cron.CronExpression;
import io.holdfast.manager.cron.CronSchedule;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which backups go: single rules, and any rules on any rows against {@link RetentionModel}. */
class RetentionTest {
    private static final int CASES = 120_000;
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final List<ZoneId> ZONES = List.of(
            ZoneId.of("UTC"),
            ZoneId.of("Europe/Berlin"),
            ZoneId.of("America/New_York"),
            ZoneId.of("Pacific/Apia"),
            ZoneId.of("Asia/Kolkata"),
            ZoneId.of("Australia/Lord_Howe"));

    private static KeepRules rules(int last, int withinDays, int daily, int weekly, int monthly, int yearly, int min) {
        return new KeepRules(last, Duration.ofDays(withinDays), daily, weekly, monthly, yearly, min, ZoneOffset.UTC);
    }

    private static Copy copy(long id, BackupState state, @Nullable Instant madeAt) {
        return new Copy(id, state, madeAt, null, madeAt == null ? null : (Long) id, false, false);
    }

    /** One for each day, the newest of today; numbers grow with time. */
    private static List<Copy> daily(int days, BackupState state) {
        List<Copy> copies = new ArrayList<>();
        for (int day = days; day >= 1; day--) {
            copies.add(copy(
                    days - day + 1, state, NOW.minus(Duration.ofDays(day - 1)).minusSeconds(3600)));
        }
        return copies;
    }

    private static Set<Long> going(KeepRules rules, List<Copy> copies, boolean verifiedOnly) {
        return Retention.decide(rules, copies, NOW, verifiedOnly).stream()
                .filter(Verdict::goes)
                .map(each -> each.copy().id())
                .collect(Collectors.toSet());
    }

    @Test
    void dl10_anyRulesOnAnyRowsDeleteWhatTheModelDeletes() {
        long seed = Long.getLong("seed", System.nanoTime());
        int deleted = 0;
        for (int i = 0; i < CASES; i++) {
            // Each case has a seed of its own, so that one can be repeated alone.
            long own = seed + i;
            Random random = new Random(own);
            KeepRules rules = anyRules(random);
            boolean verifiedOnly = random.nextBoolean();
            Instant now = Instant.ofEpochSecond(1_500_000_000L + random.nextInt(400_000_000));
            List<Copy> copies = anyCopies(random, now);
            List<Verdict> verdicts = Retention.decide(rules, copies, now, verifiedOnly);
            Set<Long> going = verdicts.stream()
                    .filter(Verdict::goes)
                    .map(each -> each.copy().id())
                    .collect(Collectors.toSet());
            if (!going.equals(RetentionModel.going(rules, copies, now, verifiedOnly))) {
                assertThat(going)
                        .as("-Dseed=" + own + ": " + rules + " at " + now + ", verified only: " + verifiedOnly + "\n"
                                + copies.stream().map(Copy::toString).collect(Collectors.joining("\n")))
                        .isEqualTo(RetentionModel.going(rules, copies, now, verifiedOnly));
            }
            deleted += going.size();
            requireSafe(rules, copies, going, verifiedOnly, own);
        }
        assertThat(deleted).as("cases in which something goes").isGreaterThan(CASES / 2);
    }

    /** What holds whatever the rules are. */
    private static void requireSafe(
            KeepRules rules, List<Copy> copies, Set<Long> going, boolean verifiedOnly, long seed) {
        long good = 0;
        for (Copy copy : copies) {
            boolean isGood =
                    copy.state() == BackupState.VERIFIED || (copy.state() == BackupState.DONE && !verifiedOnly);
            if (going.contains(copy.id())) {
                assertThat(isGood && !copy.held() && !copy.inUse() && copy.madeAt() != null)
                        .as("-Dseed=" + seed + ": " + copy)
                        .isTrue();
            } else if (isGood) {
                good++;
            }
        }
        if (!going.isEmpty()) {
            assertThat(good).as("-Dseed=" + seed).isGreaterThanOrEqualTo(rules.minGoodCopies());
        }
    }

    private static KeepRules anyRules(Random random) {
        return new KeepRules(
                random.nextInt(5),
                Duration.ofDays(random.nextInt(3) == 0 ? random.nextInt(20) : 0),
                random.nextInt(6),
                random.nextInt(5),
                random.nextInt(4),
                random.nextInt(3),
                1 + random.nextInt(4),
                ZONES.get(random.nextInt(ZONES.size())));
    }

    private static List<Copy> anyCopies(Random random, Instant now) {
        List<Copy> copies = new ArrayList<>();
        int count = random.nextInt(25);
        boolean strange = random.nextInt(4) == 0;
        boolean mayBeSuspect = random.nextInt(10) == 0;
        int step = 1 + random.nextInt(40 * 24);
        Instant time = now.minus(Duration.ofHours((long) count * step)).minusSeconds(random.nextInt(3600));
        for (int id = 1; id <= count; id++) {
            time = time.plus(Duration.ofMinutes(random.nextInt(step * 60 + 1)));
            Instant madeAt = time;
            if (strange && random.nextInt(8) == 0) {
                madeAt = time.plus(Duration.ofDays(random.nextInt(2 * 3653) - 3653L));
            }
            int kind = random.nextInt(20);
            BackupState state = kind < 10
                    ? BackupState.VERIFIED
                    : kind < 15
                            ? BackupState.DONE
                            : mayBeSuspect && kind == 15
                                    ? BackupState.SUSPECT
                                    : List.of(
                                                    BackupState.FAILED,
                                                    BackupState.PENDING,
                                                    BackupState.UPLOADED,
                                                    BackupState.DELETED)
                                            .get(kind % 4);
            boolean timeless = state == BackupState.PENDING || (strange && random.nextInt(20) == 0);
            copies.add(new Copy(
                    id,
                    state,
                    timeless ? null : madeAt,
                    random.nextInt(3) == 0 ? null : madeAt.minus(Duration.ofHours(random.nextInt(6 * step))),
                    timeless || (strange && random.nextInt(20) == 0) ? null : (Long) (long) id,
                    random.nextInt(15) == 0,
                    random.nextInt(15) == 0));
        }
        Collections.shuffle(copies, random);
        return copies;
    }

    @Test
    void rulesAreAUnion() {
        Set<Long> going = going(rules(2, 3, 5, 3, 2, 1, 1), daily(100, BackupState.VERIFIED), true);
        List<Long> kept = daily(100, BackupState.VERIFIED).stream()
                .map(Copy::id)
                .filter(id -> !going.contains(id))
                .toList();
        // Newest 5 days; Sundays 22 and 15 November (one week is this one); 31 October.
        assertThat(kept).containsExactly(77L, 92L, 96L, 97L, 98L, 99L, 100L);
    }

    @Test
    void dl03_monthsOfFailedAndDamagedBackupsPushNothingOut() {
        List<Copy> copies = new ArrayList<>(daily(7, BackupState.VERIFIED));
        Set<Long> before = going(rules(3, 0, 0, 0, 0, 0, 3), copies, true);
        for (long id = 100; id < 130; id++) {
            copies.add(copy(id, BackupState.FAILED, null));
            copies.add(copy(id + 100, BackupState.PENDING, null));
        }
        assertThat(going(rules(3, 0, 0, 0, 0, 0, 3), copies, true))
                .isEqualTo(before)
                .hasSize(4);
        copies.add(copy(300, BackupState.SUSPECT, NOW.minusSeconds(60)));
        assertThat(going(rules(3, 0, 0, 0, 0, 0, 3), copies, true)).isEmpty();
    }

    @Test
    void dl24_threeMoreThanAreKeptAreExactlyTheOldestThree() {
        assertThat(going(rules(5, 0, 0, 0, 0, 0, 1), daily(8, BackupState.VERIFIED), true))
                .containsExactlyInAnyOrder(1L, 2L, 3L);
    }

    @Test
    void dl25_theLastGoodOneStaysHoweverOldItIs() {
        List<Copy> copies = new ArrayList<>(List.of(copy(1, BackupState.VERIFIED, NOW.minus(Duration.ofDays(60)))));
        for (long id = 2; id < 62; id++) {
            copies.add(copy(id, BackupState.FAILED, null));
        }
        assertThat(going(rules(0, 0, 0, 0, 0, 0, 1), copies, true)).isEmpty();
    }

    @Test
    void dl27_whatWasNotReadBackTakesNoPlace() {
        List<Copy> copies = new ArrayList<>(daily(3, BackupState.VERIFIED).stream()
                .map(each -> copy(each.id(), BackupState.VERIFIED, NOW.minus(Duration.ofDays(100 - each.id()))))
                .toList());
        for (long id = 10; id < 40; id++) {
            copies.add(copy(id, BackupState.DONE, NOW.minus(Duration.ofDays(50 - id))));
        }
        KeepRules rules = rules(3, 0, 3, 3, 3, 0, 3);
        assertThat(going(rules, copies, true)).isEmpty();
        assertThat(going(rules, copies, false)).contains(1L, 2L);
    }

    @Test
    void dl10_aBackupInTheFutureSuspendsEverything() {
        List<Copy> copies = new ArrayList<>(daily(20, BackupState.VERIFIED));
        assertThat(going(rules(1, 0, 0, 0, 0, 0, 1), copies, true)).isNotEmpty();
        copies.add(copy(50, BackupState.VERIFIED, NOW.plusSeconds(1)));
        assertThat(going(rules(1, 0, 0, 0, 0, 0, 1), copies, true)).isEmpty();
    }

    @Test
    void dl10_aBackupMadeWithAClockThatWasYearsBehindIsNotTakenForAnOldOne() {
        List<Copy> copies = new ArrayList<>(daily(6, BackupState.VERIFIED));
        copies.add(copy(50, BackupState.VERIFIED, NOW.minus(Duration.ofDays(3650))));
        Set<Long> going = going(rules(1, 0, 0, 0, 0, 0, 1), copies, true);
        assertThat(going).isEmpty();
    }

    @Test
    void theForecastFollowsTheRulesAndTheSchedule() {
        CronSchedule schedule = new CronSchedule(CronExpression.parse("0 11 * * *"), ZoneOffset.UTC);
        List<Copy> copies = daily(10, BackupState.VERIFIED);
        KeepRules rules = rules(3, 0, 0, 0, 0, 0, 2);
        Forecast forecast = new Forecast(rules, copies, schedule, Duration.ZERO, NOW);
        List<Verdict> verdicts = Retention.decide(rules, copies, NOW, true);
        assertThat(forecast.deletion(verdicts.get(9), null)).contains(Instant.parse("2026-11-26T11:00:00Z"));
        assertThat(forecast.deletion(verdicts.get(7), null)).contains(Instant.parse("2026-11-24T11:00:00Z"));
        assertThat(forecast.deletion(verdicts.get(0), null)).contains(NOW);
        assertThat(new Forecast(rules, copies, null, Duration.ZERO, NOW).deletion(verdicts.get(9), null))
                .isEmpty();

        KeepRules monthly = rules(0, 0, 0, 0, 2, 0, 1);
        verdicts = Retention.decide(monthly, daily(40, BackupState.VERIFIED), NOW, true);
        forecast = new Forecast(monthly, daily(40, BackupState.VERIFIED), schedule, Duration.ZERO, NOW);
        // The newest of October stays until December has one, the newest of November until tomorrow's comes.
        Verdict october = verdicts.get(16);
        assertThat(october.reasons()).containsExactly(KeepReason.MONTHLY);
        assertThat(forecast.deletion(october, null)).contains(Instant.parse("2026-12-01T11:00:00Z"));
        assertThat(forecast.deletion(verdicts.get(39), null)).contains(Instant.parse("2026-11-24T11:00:00Z"));
    }
}
