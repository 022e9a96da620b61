package io.holdfast.manager.cron;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * A cron expression of five fields: minute, hour, day of the month, month, day of the week. Lists, ranges, steps and
 * English names; where both days are restricted, either suffices, as in Unix. Immutable.
 *
 * <p>It speaks of local times only. The library is given UTC, in which no time is missing and none comes twice; what a
 * zone makes of a local time is {@link CronSchedule}'s.
 */
public final class CronExpression {
    /** What the longest distance between two times can be: 29 February over a century's end, and some more. */
    private static final int YEARS = 9;

    /** So many times show how close to each other any of them come: more than a day has minutes. */
    private static final int TIMES = 1500;

    private static final LocalDateTime SOME_TIME = LocalDateTime.of(2024, 1, 1, 0, 0);
    private static final int FIELDS = 5;

    private final String text;
    private final ExecutionTime times;

    private CronExpression(String text, ExecutionTime times) {
        this.text = text;
        this.times = times;
    }

    /**
     * Reads an expression.
     *
     * @throws IllegalArgumentException when it is none, or names a day that never comes
     */
    public static CronExpression parse(String text) {
        String[] fields = text.strip().split("\\s+", -1);
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException(
                    "must be a cron expression of five fields, such as 30 1 * * *, and has " + fields.length);
        }
        CronExpression expression;
        try {
            Cron cron = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
                    .parse(String.join(" ", fields));
            expression = new CronExpression(String.join(" ", fields), ExecutionTime.forCron(cron));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("must be a cron expression such as 30 1 * * *: " + e.getMessage(), e);
        }
        if (expression.next(SOME_TIME).isEmpty()) {
            throw new IllegalArgumentException("must name a day that comes");
        }
        return expression;
    }

    /** The shortest time between two of its times. */
    public Duration leastInterval() {
        Duration least = Duration.ofDays(366L * YEARS);
        Optional<LocalDateTime> time = next(SOME_TIME);
        for (int i = 0; i < TIMES && time.isPresent(); i++) {
            Optional<LocalDateTime> following = next(time.get());
            if (following.isPresent()) {
                Duration between = Duration.between(time.get(), following.get());
                least = between.compareTo(least) < 0 ? between : least;
            }
            time = following;
        }
        return least;
    }

    /** The first time after another, by the minute; empty when none comes within years. */
    Optional<LocalDateTime> next(LocalDateTime after) {
        return times.nextExecution(after.atZone(ZoneOffset.UTC))
                .map(ZonedDateTime::toLocalDateTime)
                .filter(found -> found.isBefore(after.plusYears(YEARS)));
    }

    /** As it was given, with single spaces. */
    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CronExpression that && that.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
