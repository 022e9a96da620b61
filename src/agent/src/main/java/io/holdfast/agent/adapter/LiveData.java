package io.holdfast.agent.adapter;

import io.holdfast.format.manifest.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A data service whose live data is replaced in its place, with a pre-restore copy for the way back: what
 * {@link InPlaceRestore} needs of it. For one thread. Failures are {@link io.holdfast.agent.attempt.JobException}s; after
 * a crash of the agent any of {@link #replace}, {@link #open} is called again, by an object that knows nothing but the
 * files.
 */
public interface LiveData {
    /**
     * Checks what can be known before anything is changed; says about how many bytes a pre-restore copy will have on the
     * agent's disk.
     */
    long preflight(Manifest manifest) throws IOException, InterruptedException;

    /** How many bytes the backup will have on the agent's disk. */
    default long stagedBytes(Manifest manifest) {
        return manifest.artifacts().stream()
                .mapToLong(Manifest.Artifact::plaintextBytes)
                .sum();
    }

    /** Brings the backup into the files' folder for it, and checks it there as far as live data need not be touched. */
    void stage(RestoreOrder order, RestoreFiles files) throws IOException, InterruptedException;

    /** Keeps everybody else away from live data, as far as the service can; first writes down how to undo that. */
    void close(RestoreFiles files) throws IOException, InterruptedException;

    /**
     * Whether {@link #close}, {@link #save} and then {@link #stop} come before the swap, while a restore can still be
     * cancelled: for a service that has to run while it is saved, and must not while it is replaced.
     */
    default boolean savesFirst() {
        return false;
    }

    /** Stops the service and waits until it has stopped; {@link #open} starts it again. Only after a save of its own. */
    default void stop(RestoreFiles files) throws IOException, InterruptedException {
        // Most are replaced while they run.
    }

    /** Copies the live data that the restore will replace into the folder for the pre-restore copy, which is empty. */
    void save(RestoreFiles files) throws IOException, InterruptedException;

    /** Replaces live data, whatever state it is in. */
    void replace(RestoreFiles files, Content by) throws IOException, InterruptedException;

    /**
     * Checks the restored data in its place, and starts the service if it was stopped; throws {@code VALIDATION_FAILED}
     * when either fails.
     */
    void validate(RestoreFiles files) throws IOException, InterruptedException;

    /** What the restore has done, for people. */
    Result result(RestoreFiles files) throws IOException, InterruptedException;

    /**
     * Where the pre-restore copy is, for people: of all its places the agent's own folder for it, which has this path by now,
     * and what else there is of it elsewhere.
     */
    default List<String> safetyCopy(RestoreFiles files, Path folder) throws IOException {
        return List.of(folder.toString());
    }

    /**
     * Undoes {@link #close}, also if that was cut off or never begun.
     *
     * @param now what the live data is
     */
    void open(RestoreFiles files, Content now) throws IOException, InterruptedException;

    /**
     * Removes what the restore has put anywhere but into its files, which are removed next: old data is live. Fails only
     * when nothing else would ever remove it.
     */
    default void discard(RestoreFiles files) throws IOException, InterruptedException {
        // Most have nothing elsewhere.
    }

    /** What live data can be. */
    enum Content {
        /** What the backup has. */
        BACKUP,
        /** What was there before. */
        OLD
    }

    /**
     * A restore, for people.
     *
     * @param restored names of what was replaced or added
     * @param leftAlone names of what the backup does not have
     * @param notes sentences for an operator
     */
    record Result(List<String> restored, List<String> leftAlone, List<String> notes) {}
}
