package io.holdfast.manager.cron;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Cron done the slow way, to compare with: looks at each minute of the real time line, and asks what the clocks on the
 * wall show. A local minute counts when the clock shows it for the first time; one that the clock jumps over counts at
 * the jump.
 */
final class MinuteScanner {
    private static final List<String> MONTHS =
            List.of("-", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    private final BitSet minutes;
    private final BitSet hours;
    private final BitSet monthDays;
    private final BitSet months;
    private final BitSet weekDays;
    private final boolean anyMonthDay;
    private final boolean anyWeekDay;

    MinuteScanner(String expression) {
        String[] fields = expression.split(" ", -1);
        minutes = field(fields[0], 0, 59, List.of());
        hours = field(fields[1], 0, 23, List.of());
        monthDays = field(fields[2], 1, 31, List.of());
        months = field(fields[3], 1, 12, MONTHS);
        weekDays = field(fields[4], 0, 7, DAYS);
        if (weekDays.get(7)) {
            weekDays.set(0);
        }
        anyMonthDay = fields[2].equals("*");
        anyWeekDay = fields[4].equals("*");
    }

    private static BitSet field(String text, int least, int most, List<String> names) {
        BitSet found = new BitSet();
        for (String item : text.split(",", -1)) {
            String[] stepped = item.split("/", -1);
            int step = stepped.length == 2 ? Integer.parseInt(stepped[1]) : 1;
            String[] ends = stepped[0].split("-", -1);
            int from = stepped[0].equals("*") ? least : number(ends[0], names);
            int to = stepped[0].equals("*") ? most : ends.length == 2 ? number(ends[1], names) : from;
            for (int value = from; value <= to; value += step) {
                found.set(value);
            }
        }
        return found;
    }

    private static int number(String text, List<String> names) {
        int name = names.indexOf(text.toLowerCase(Locale.ROOT));
        return name >= 0 ? name : Integer.parseInt(text);
    }

    boolean matches(LocalDateTime local) {
        boolean monthDay = monthDays.get(local.getDayOfMonth());
        boolean weekDay = weekDays.get(local.getDayOfWeek().getValue() % 7);
        boolean day = anyMonthDay ? weekDay : anyWeekDay ? monthDay : monthDay || weekDay;
        return minutes.get(local.getMinute()) && hours.get(local.getHour()) && months.get(local.getMonthValue()) && day;
    }

    /** All times in {@code [from, to)}, whole minutes. Offsets in these years are whole minutes too. */
    List<Instant> all(ZoneId zone, Instant from, Instant to) {
        TreeSet<Instant> found = new TreeSet<>();
        long latestShown = wall(zone, from.minusSeconds(60));
        for (long second = from.getEpochSecond(); second < to.getEpochSecond(); second += 60) {
            Instant moment = Instant.ofEpochSecond(second);
            long shown = wall(zone, moment);
            // Whatever the clock shows for the first time, or has jumped over, happens now.
            for (long minute = latestShown + 1; minute <= shown; minute++) {
                if (minutes.get((int) Math.floorMod(minute, 60L))
                        && matches(LocalDateTime.ofEpochSecond(minute * 60, 0, ZoneOffset.UTC))) {
                    found.add(moment);
                }
            }
            latestShown = Math.max(latestShown, shown);
        }
        return new ArrayList<>(found);
    }

    private static long wall(ZoneId zone, Instant moment) {
        long offset = zone.getRules().getOffset(moment).getTotalSeconds();
        return Math.floorDiv(moment.getEpochSecond() + offset, 60);
    }
}
