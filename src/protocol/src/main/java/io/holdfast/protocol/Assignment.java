package io.holdfast.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A job as it is leased to an agent. The lease ends {@link #leaseSeconds} after the last accepted heartbeat. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Assignment.Backup.class, name = "backup"),
    @JsonSubTypes.Type(value = Assignment.Restore.class, name = "restore")
})
public sealed interface Assignment {
    /** The manager's number of the job. */
    long jobId();

    /** The attempt's number, from 1: it fences off all earlier attempts. */
    int epoch();

    /** How long the lease lasts without a heartbeat, in seconds. */
    int leaseSeconds();

    /**
     * Make a backup.
     *
     * @param backupId the backup's name in the store
     * @param recipients the age recipients ({@code age1…}) to encrypt to
     * @param segmentBytes the most ciphertext bytes that one segment may have
     */
    record Backup(long jobId, int epoch, int leaseSeconds, String backupId, List<String> recipients, long segmentBytes)
            implements Assignment {}

    /**
     * Restore a backup into this agent's instance.
     *
     * @param restoreId the restore's number, the same in each attempt; the agent's journal and the names of staged
     *     and kept data carry it
     * @param backupId the backup that is restored
     * @param manifest the signed manifest's text, already checked by the manager
     * @param rollbackHours how long replaced data is kept beside the new
     * @param skipBroken {@code true} when parts of the backup that cannot come back are left out, where parts are
     *     independent; else null, which agents of earlier versions understand
     */
    record Restore(
            long jobId,
            int epoch,
            int leaseSeconds,
            long restoreId,
            String backupId,
            String manifest,
            int rollbackHours,
            @Nullable Boolean skipBroken)
            implements Assignment {}

    /**
     * {@code POST /agent/v1/jobs/{id}/resume}: the agent that was replacing live data when it was cut off goes on with
     * its own restore. Answered with a {@link Restore} of a new epoch, or 409 {@code JobEnded}.
     *
     * @param session the agent's present session
     * @param epoch the last epoch that the agent knows of
     */
    record Resume(String session, int epoch) {}

    /**
     * {@code POST /agent/v1/jobs/{id}/file-keys}: asks for the keys of a restore's segments. They are given out once an
     * epoch and are to be kept in memory only.
     */
    record FileKeysRequest(int epoch) {}

    /** The answer to {@link FileKeysRequest}. */
    record FileKeys(List<FileKey> keys) {}

    /**
     * The key of one age file.
     *
     * @param artifact the artifact's name
     * @param segment from 0
     * @param key 16 bytes in base64
     */
    record FileKey(String artifact, int segment, String key) {
        /** Says which file it opens, never the key. */
        @Override
        public String toString() {
            return "FileKey[" + artifact + "." + segment + "]";
        }
    }
}
