package io.holdfast.manager.retention;

import io.holdfast.manager.config.KeepRules;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;

/** A stretch of the calendar of which a rule keeps one backup. */
enum Period {
    DAY(KeepReason.DAILY) {
        @Override
        int kept(KeepRules rules) {
            return rules.daily();
        }

        @Override
        LocalDate begin(LocalDate date) {
            return date;
        }

        @Override
        LocalDate next(LocalDate begin) {
            return begin.plusDays(1);
        }
    },
    WEEK(KeepReason.WEEKLY) {
        @Override
        int kept(KeepRules rules) {
            return rules.weekly();
        }

        @Override
        LocalDate begin(LocalDate date) {
            return date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
        }

        @Override
        LocalDate next(LocalDate begin) {
            return begin.plusWeeks(1);
        }
    },
    MONTH(KeepReason.MONTHLY) {
        @Override
        int kept(KeepRules rules) {
            return rules.monthly();
        }

        @Override
        LocalDate begin(LocalDate date) {
            return date.withDayOfMonth(1);
        }

        @Override
        LocalDate next(LocalDate begin) {
            return begin.plusMonths(1);
        }
    },
    YEAR(KeepReason.YEARLY) {
        @Override
        int kept(KeepRules rules) {
            return rules.yearly();
        }

        @Override
        LocalDate begin(LocalDate date) {
            return date.withDayOfYear(1);
        }

        @Override
        LocalDate next(LocalDate begin) {
            return begin.plusYears(1);
        }
    };

    private final KeepReason reason;

    Period(KeepReason reason) {
        this.reason = reason;
    }

    /** Why a backup stays that is kept of such a period. */
    KeepReason reason() {
        return reason;
    }

    /** Of how many periods the rules keep one. */
    abstract int kept(KeepRules rules);

    /** The first day of the period that a day is in. */
    abstract LocalDate begin(LocalDate date);

    /** The first day of the period after one. */
    abstract LocalDate next(LocalDate begin);

    /** The first day of the period that a moment is in. */
    LocalDate begin(Instant moment, ZoneId zone) {
        return begin(LocalDate.ofInstant(moment, zone));
    }
}
