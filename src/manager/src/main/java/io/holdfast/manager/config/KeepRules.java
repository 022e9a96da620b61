package io.holdfast.manager.config;

import java.time.Duration;
import java.time.ZoneId;

/**
 * Which good backups of an instance are kept: those that any rule names.
 *
 * @param last so many newest ones
 * @param within all that are not older
 * @param daily the newest one of each of so many days that have one
 * @param weekly likewise of weeks, which begin on Monday
 * @param monthly likewise of months
 * @param yearly likewise of years
 * @param minGoodCopies so many newest ones whatever else is said; at least 1
 * @param zone where days begin
 */
public record KeepRules(
        int last, Duration within, int daily, int weekly, int monthly, int yearly, int minGoodCopies, ZoneId zone) {
    /** The most that a rule may count. */
    public static final int MOST = 10_000;

    public KeepRules {
        require(last, 0, "last");
        require(daily, 0, "daily");
        require(weekly, 0, "weekly");
        require(monthly, 0, "monthly");
        require(yearly, 0, "yearly");
        require(minGoodCopies, 1, "min_good_copies");
        if (within.isNegative() || within.compareTo(Duration.ofDays(MOST)) > 0) {
            throw new IllegalArgumentException("within_days must be between 0 and " + MOST);
        }
    }

    private static void require(int value, int least, String name) {
        if (value < least || value > MOST) {
            throw new IllegalArgumentException(name + " must be between " + least + " and " + MOST);
        }
    }
}
