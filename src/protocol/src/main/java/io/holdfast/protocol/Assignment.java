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
     * @param segmentSecret where artifacts are cut and how their segments are recognized comes from it: 32 bytes in base64
     * @param lender what has segments that may be named instead of brought; null when nothing has
     */
    record Backup(
            long jobId,
            int epoch,
            int leaseSeconds,
            String backupId,
            List<String> recipients,
            String segmentSecret,
            @Nullable Lender lender)
            implements Assignment {
        /** Without the secret. */
        @Override
        public String toString() {
            return "Backup[jobId=" + jobId + ", epoch=" + epoch + ", backupId=" + backupId + "]";
        }
    }

    /**
     * What has segments that may be named: an earlier backup of the instance, or earlier attempts at this one, or both; see {@link
     * LentSegments} and {@link BorrowedSegments}.
     *
     * @param backupId the earlier backup's name in the store; this one's when only earlier attempts lend
     * @param lines how many lines there are to be asked for
     * @param artifacts what the earlier backup consists of; none when only earlier attempts lend
     */
    record Lender(String backupId, long lines, List<LenderArtifact> artifacts) {
        public Lender {
            artifacts = List.copyOf(artifacts);
        }
    }

    /**
     * One stream of an earlier backup.
     *
     * @param name its name
     * @param plaintextBytes its size then
     * @param meanBytes the mean size of segments that it was cut to
     */
    record LenderArtifact(String name, long plaintextBytes, int meanBytes) {}

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
}
