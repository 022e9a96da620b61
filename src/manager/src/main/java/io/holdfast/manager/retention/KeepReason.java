package io.holdfast.manager.retention;

/** Why a backup is not deleted. */
public enum KeepReason {
    LAST("among the newest good ones that are kept"),
    WITHIN("not older than the age that is kept"),
    DAILY("the newest of one of the days that are kept"),
    WEEKLY("the newest of one of the weeks that are kept"),
    MONTHLY("the newest of one of the months that are kept"),
    YEARLY("the newest of one of the years that are kept"),
    MIN_GOOD_COPIES("among the fewest good copies that always stay"),
    HELD("somebody holds it"),
    IN_USE("a restore uses it"),
    UNFINISHED("it is being made"),
    YOUNG("younger than 24 hours"),
    SUSPECT("it is damaged; look at it, then delete it by hand"),
    NOT_VERIFIED("it waits to be read back"),
    NO_TIME("the catalogue does not say when it was made"),
    OUT_OF_ORDER("its time does not fit the order in which backups were made; the clock may have been wrong"),
    NO_NEWER_GOOD_ONE("there is no newer good one"),
    INSTANCE_HAS_SUSPECT("the instance has a damaged backup: nothing of it is deleted until somebody looks"),
    INSTANCE_HAS_FUTURE("a backup of the instance is in the future; the clock may be wrong"),
    INSTANCE_DELETED("the backups of a deleted instance stay for some days");

    private final String meaning;

    KeepReason(String meaning) {
        this.meaning = meaning;
    }

    /** In words. */
    public String meaning() {
        return meaning;
    }
}
