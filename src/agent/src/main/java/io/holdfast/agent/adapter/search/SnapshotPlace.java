package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.AttemptId;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.format.manifest.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a cluster's snapshots lie: one for a backup, one with a restore's backup, and one with what the restore replaces,
 * its pre-restore copy. All that a restore has put here is found again by its files after a crash.
 */
interface SnapshotPlace {
    /** The artifact of a backup that has the snapshot, or says where it is. */
    String artifact();

    /** Its type. */
    String type();

    /** Throws when the place cannot be used. */
    void require() throws IOException, InterruptedException;

    /** Throws {@code DISK_FULL} when there is no room for a backup and a pre-restore copy of so many bytes together. */
    void requireRoom(long bytes) throws IOException;

    /** A repository for a backup's snapshot; what earlier attempts at it have left is removed. */
    Repository beginDump(BackupId backup, AttemptId attempt) throws IOException, InterruptedException;

    /** The artifact, once the snapshot is there. */
    InputStream read(Repository dump) throws IOException, InterruptedException;

    /** About how many bytes the artifact has when the primary shards have so many; null when that tells nothing. */
    @Nullable Long artifactBytes(long shards);

    /** Numbers about a snapshot for the manifest. */
    Map<String, Long> facts(Repository dump) throws IOException;

    /**
     * Clears away what is not needed after a dump.
     *
     * @param whole that all of it was read
     */
    void endDump(BackupId backup, AttemptId attempt, boolean whole) throws IOException, InterruptedException;

    /** Brings a backup's snapshot to where the engine can restore it from. */
    void stage(RestoreOrder order, RestoreFiles files) throws IOException, InterruptedException;

    /** What was staged. */
    Repository staged(RestoreFiles files) throws IOException;

    /** For a restore's pre-restore copy, which is not there. */
    Repository newSafetyCopy(RestoreFiles files) throws IOException, InterruptedException;

    /** With a restore's pre-restore copy. */
    Repository safetyCopy(RestoreFiles files) throws IOException;

    /** Where a restore's pre-restore copy is, for people. */
    String safetyCopyName(RestoreFiles files) throws IOException;

    /** The restore is over and goes by what it has restored; the pre-restore copy stays. */
    void release(RestoreFiles files) throws IOException, InterruptedException;

    /** Removes all that is here of a restore. */
    void discard(String restore) throws IOException, InterruptedException;

    /** Removes what dumps have left that were cut off. */
    void tidy() throws IOException, InterruptedException;

    /** Of a manifest's artifacts the one that belongs to this place. */
    default Manifest.Artifact artifact(Manifest manifest) throws IOException {
        return RestoreFiles.artifact(manifest, artifact());
    }
}
