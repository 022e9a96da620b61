package io.holdfast.manager.cron;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.List;
import java.util.Optional;

/**
 * A cron expression in a time zone.
 *
 * <p>Each local time that the expression names happens once: one that the clocks skip, at the first moment after the
 * gap; one that comes twice, the first time. Several that are skipped together are one.
 */
public record CronSchedule(CronExpression cron, ZoneId zone) {
    /** How far back to look for the latest time: ever further, so that frequent ones are found cheaply. */
    private static final List<Duration> LOOK_BACK = List.of(
            Duration.ofHours(1),
            Duration.ofDays(1),
            Duration.ofDays(32),
            Duration.ofDays(367),
            Duration.ofDays(367 * 9));

    /**
     * Reads a time zone, such as {@code Europe/Berlin} or {@code UTC}.
     *
     * @throws IllegalArgumentException when there is none of this name
     */
    public static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("must be a time zone such as UTC or Europe/Berlin", e);
        }
    }

    /** The first time after a moment; empty when none comes within years. */
    public Optional<Instant> next(Instant after) {
        Optional<LocalDateTime> local = cron.next(searchFrom(after));
        while (local.isPresent()) {
            Instant found = moment(local.get());
            if (found.isAfter(after)) {
                return Optional.of(found);
            }
            // Skipped local times may all be the moment that was just asked about.
            local = cron.next(local.get());
        }
        return Optional.empty();
    }

    /** The last time up to a moment, itself included; empty when there was none within years. */
    public Optional<Instant> latest(Instant until) {
        for (Duration back : LOOK_BACK) {
            Optional<Instant> found = next(until.minus(back)).filter(each -> !each.isAfter(until));
            if (found.isPresent()) {
                return Optional.of(lastFrom(found.get(), until));
            }
        }
        return Optional.empty();
    }

    private Instant lastFrom(Instant first, Instant until) {
        Instant last = first;
        Optional<Instant> following = next(last);
        while (following.isPresent() && !following.get().isAfter(until)) {
            last = following.get();
            following = next(last);
        }
        return last;
    }

    /** The local time behind which all times later than a moment lie. */
    private LocalDateTime searchFrom(Instant after) {
        LocalDateTime local = LocalDateTime.ofInstant(after, zone);
        ZoneOffsetTransition change = zone.getRules().getTransition(local);
        boolean secondPass = change != null && change.isOverlap() && !after.isBefore(change.getInstant());
        // In the second pass of an hour, all of that hour's times are over.
        return secondPass ? change.getDateTimeBefore().minusMinutes(1) : local;
    }

    private Instant moment(LocalDateTime local) {
        ZoneOffsetTransition change = zone.getRules().getTransition(local);
        if (change != null && change.isGap()) {
            return change.getInstant();
        }
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
        return local.toInstant(offsets.getFirst());
    }
}
