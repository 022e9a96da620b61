package io.holdfast.manager.cron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Cron in time zones, compared with a scanner that looks at every minute. */
class CronScheduleTest {
    private static final Instant BEGIN = Instant.parse("2010-01-01T00:00:00Z");
    private static final Instant FOUR_YEARS_LATER = Instant.parse("2014-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("2030-01-01T00:00:00Z");

    /** With summer time on both halves, half hours, a half hour's change, a skipped day, and rules that were changed. */
    private static final List<String> ZONES = List.of(
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "America/Sao_Paulo",
            "Australia/Lord_Howe",
            "Asia/Kolkata",
            "Africa/Casablanca",
            "Pacific/Apia",
            "Asia/Tehran",
            "Pacific/Chatham");

    private static CronSchedule schedule(String cron, String zone) {
        return new CronSchedule(CronExpression.parse(cron), ZoneId.of(zone));
    }

    private static List<Instant> all(CronSchedule schedule, Instant from, Instant to) {
        List<Instant> found = new ArrayList<>();
        Optional<Instant> next = schedule.next(from.minusMillis(1));
        while (next.isPresent() && next.get().isBefore(to)) {
            found.add(next.get());
            next = schedule.next(next.get());
        }
        return found;
    }

    @Test
    void fourYearsInTenZonesAreAsTheScannerSaysThem() {
        for (String zone : ZONES) {
            for (String cron : List.of("30 1 * * *", "15 2 * * sun")) {
                assertThat(all(schedule(cron, zone), BEGIN, FOUR_YEARS_LATER))
                        .as(cron + " in " + zone)
                        .isEqualTo(new MinuteScanner(cron).all(ZoneId.of(zone), BEGIN, FOUR_YEARS_LATER));
            }
        }
    }

    @Test
    void aroundEachChangeOfTheClocksEveryExpressionIsAsTheScannerSaysIt() {
        for (String zone : ZONES) {
            ZoneId id = ZoneId.of(zone);
            ZoneOffsetTransition change = id.getRules().nextTransition(BEGIN);
            while (change != null && change.getInstant().isBefore(END)) {
                Instant from = change.getInstant().minusSeconds(86_400);
                Instant to = change.getInstant().plusSeconds(86_400);
                for (String cron : List.of("*/10 * * * *", "30 2 * * *", "0 0,1,2,3 * * *", "5-50/15 0-4 * * *")) {
                    assertThat(all(schedule(cron, zone), from, to))
                            .as(cron + " in " + zone + " around " + change)
                            .isEqualTo(new MinuteScanner(cron).all(id, from, to));
                }
                change = id.getRules().nextTransition(change.getInstant());
            }
        }
    }

    @Test
    void anyExpressionIsAsTheScannerSaysIt() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < 20; i++) {
            String cron = anyExpression(random);
            ZoneId zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
            Instant from = BEGIN.plusSeconds(60L * random.nextInt(10_000_000));
            Instant to = from.plusSeconds(40 * 86_400);
            CronSchedule schedule;
            try {
                schedule = new CronSchedule(CronExpression.parse(cron), zone);
            } catch (IllegalArgumentException e) {
                assertThat(e).as(cron).hasMessageContaining("a day that comes");
                continue;
            }
            List<Instant> expected = new MinuteScanner(cron).all(zone, from, to);
            String which = "-Dseed=" + seed + ": " + cron + " in " + zone + " from " + from;
            assertThat(all(schedule, from, to)).as(which).isEqualTo(expected);
            if (!expected.isEmpty()) {
                assertThat(schedule.latest(to.minusSeconds(1))).as(which).contains(expected.getLast());
                assertThat(schedule.latest(expected.getLast())).as(which).contains(expected.getLast());
            }
        }
    }

    private static String anyExpression(Random random) {
        return anyField(random, 0, 59) + " " + anyField(random, 0, 23) + " " + anyField(random, 1, 31) + " "
                + (random.nextInt(3) > 0 ? "*" : anyField(random, 1, 12)) + " "
                + (random.nextInt(4) == 0 ? "mon-fri" : anyField(random, 0, 6));
    }

    private static String anyField(Random random, int least, int most) {
        int one = least + random.nextInt(most - least + 1);
        int other = one + random.nextInt(most - one + 1);
        return switch (random.nextInt(5)) {
            case 0 -> "*";
            case 1 -> "*/" + (2 + random.nextInt(most / 2));
            case 2 -> one == other ? one + "" : one + "-" + other;
            case 3 -> one == other ? one + "" : one + "," + other;
            default -> Integer.toString(one);
        };
    }

    @Test
    void aTimeThatIsSkippedRunsAtTheFirstMomentAfterTheGap() {
        assertThat(schedule("30 2 * * *", "Europe/Berlin").next(Instant.parse("2026-03-28T12:00:00Z")))
                .contains(Instant.parse("2026-03-29T01:00:00Z"));
        assertThat(schedule("0 12 * * *", "Pacific/Apia").next(Instant.parse("2011-12-30T00:00:00Z")))
                .contains(Instant.parse("2011-12-30T10:00:00Z"));
    }

    @Test
    void aTimeThatComesTwiceRunsOnce() {
        CronSchedule daily = schedule("30 2 * * *", "Europe/Berlin");
        assertThat(daily.next(Instant.parse("2026-10-24T12:00:00Z"))).contains(Instant.parse("2026-10-25T00:30:00Z"));
        assertThat(daily.next(Instant.parse("2026-10-25T00:30:00Z"))).contains(Instant.parse("2026-10-26T01:30:00Z"));
        assertThat(daily.next(Instant.parse("2026-10-25T01:10:00Z"))).contains(Instant.parse("2026-10-26T01:30:00Z"));
    }

    @Test
    void whatIsNoExpressionIsRefused() {
        for (String wrong : List.of(
                "",
                "* * * *",
                "* * * * * *",
                "60 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "x * * * *",
                "@daily",
                "* * * 13 *",
                "*/0 * * * *",
                "5-1 * * * *",
                "* * ? * *",
                "* * L * *",
                "${1} * * * *")) {
            assertThatThrownBy(() -> CronExpression.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> CronExpression.parse("0 0 31 2 *")).hasMessageContaining("a day that comes");
        assertThat(CronExpression.parse("  0 3   29 2 *").toString()).isEqualTo("0 3 29 2 *");
        assertThat(CronExpression.parse("0 3 29 2 *").next(LocalDateTime.parse("2096-03-01T00:00")))
                .contains(LocalDateTime.parse("2104-02-29T03:00"));
    }

    @Test
    void aWindowMayLastOverMidnightAndOverAChangeOfTheClocks() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        MaintenanceWindow night = new MaintenanceWindow.Daily(
                LocalTime.of(22, 0), LocalTime.of(4, 0), Set.of(DayOfWeek.SATURDAY), berlin);
        Instant end = LocalDate.of(2026, 10, 25).atTime(4, 0).toInstant(ZoneOffset.ofHours(1));
        assertThat(night.endOf(Instant.parse("2026-10-25T02:59:59Z"))).contains(end);
        assertThat(night.endOf(Instant.parse("2026-10-24T20:00:00Z"))).contains(end);
        assertThat(night.endOf(Instant.parse("2026-10-24T19:59:59Z"))).isEmpty();
        assertThat(night.endOf(end)).isEmpty();
        assertThat(night.endOf(Instant.parse("2026-10-23T21:00:00Z"))).isEmpty();

        MaintenanceWindow recurring = new MaintenanceWindow.Recurring(
                new CronSchedule(CronExpression.parse("0 22 * * 6"), berlin), Duration.ofHours(3));
        assertThat(recurring.endOf(Instant.parse("2026-11-21T23:59:00Z")))
                .contains(Instant.parse("2026-11-22T00:00:00Z"));
        assertThat(recurring.endOf(Instant.parse("2026-11-22T00:00:00Z"))).isEmpty();
    }
}
