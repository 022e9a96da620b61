package io.holdfast.manager.retention;

/** Why a backup is not deleted. */
public enum KeepReason {
    LAST("among the newest good ones that are kept"),
    WITHIN("within the age that is kept (within_days)"),
    DAILY("the newest of a day that is kept"),
    WEEKLY("the newest of a week that is kept"),
    MONTHLY("the newest of a month that is kept"),
    YEARLY("the newest of a year that is kept"),
    MIN_GOOD_COPIES("among the good copies that are always kept (min_good_copies)"),
    INDEPENDENT("the newest that shares no segment with the newest good backup"),
    NEXT_INDEPENDENT("the next that will share no segment with the newest good backup"),
    HELD("it is on hold"),
    IN_USE("a restore uses it, or a backup that is being made"),
    UNFINISHED("it is being made"),
    YOUNG("younger than 24 hours"),
    SUSPECT("it is damaged; examine it, then delete it by hand"),
    NOT_VERIFIED("it waits for its verification"),
    NO_TIME("the catalogue does not say when it was made"),
    OUT_OF_ORDER("its time does not fit the order in which backups were made; the clock may have been wrong"),
    NO_NEWER_GOOD_ONE("there is no newer good backup"),
    INSTANCE_HAS_SUSPECT(
            "the instance has a damaged backup: none of its backups is deleted until somebody has examined it"),
    INSTANCE_HAS_FUTURE("a backup of the instance is in the future; the clock may be wrong"),
    INSTANCE_DELETED("the backups of a deleted instance are kept for some days");

    private final String meaning;

    KeepReason(String meaning) {
        this.meaning = meaning;
    }

    /** In words. */
    public String meaning() {
        return meaning;
    }
}
