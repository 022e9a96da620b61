package io.holdfast.protocol;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where an attempt is. What each means for people is in {@code docs/api.md}. */
public enum Phase {
    /** A job was given to an agent that has not reported on it yet. */
    LEASED,
    /** The agent gets ready. */
    PREPARING,
    /** A backup is dumped, encrypted and uploaded. */
    DUMPING,
    /** A backup is uploaded, and the manager checks it. */
    COMMITTING,
    /** Key, space and versions are checked for a restore. */
    PREFLIGHT,
    /** A restore's data is fetched, decrypted and checked. */
    STAGING,
    /** All of a restore's data is fetched and good. */
    STAGED,
    /** What is live now is saved. */
    SAFETY_BACKUP,
    /** Live data is replaced. */
    SWAPPING,
    /** What is live now is checked. */
    VALIDATING,
    /** What was live before is put back. */
    ROLLING_BACK,
    /** A restore is done. */
    COMMITTED;

    /** As it is written in messages and in the database. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The phase of a word, if it is one. */
    public static Optional<Phase> of(String word) {
        return Arrays.stream(values())
                .filter(phase -> phase.word().equals(word))
                .findFirst();
    }

    /**
     * Whether live data is being replaced. Such an attempt cannot be cancelled, and only the agent that began may go on. It is
     * entered by the manager's leave alone, see {@link CutOver}.
     */
    public boolean replacesLiveData() {
        return switch (this) {
            case SWAPPING, VALIDATING, ROLLING_BACK -> true;
            case LEASED, PREPARING, DUMPING, COMMITTING, PREFLIGHT, STAGING, STAGED, SAFETY_BACKUP, COMMITTED -> false;
        };
    }
}
