package io.holdfast.agent.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that an agent is told by its operator.
 *
 * @param manager where the manager is and who the agent is to it
 * @param workDirectory for journals and short-lived password files; kept over restarts of the machine
 * @param trustedCaFiles certificates to trust at the store, beside those of the JVM
 * @param compressionLevel zstd's
 * @param workers threads that compress
 * @param uploadsInFlight segments that are sealed and not stored yet, most of them on their way to the store
 * @param storePatience how long a transfer is tried again while the store fails
 * @param statusFile where scripts can read what the agent does, or null
 * @param stopWithin how long a running job may still take when the agent is told to stop
 * @param memoryAlertMb the use of memory with children, in MB, above which an operator is alerted; 0 when nobody watches
 * @param backupFrom on which of an instance's nodes backups are made, where nodes follow one another
 * @param mostBehind how far a replica may be behind its primary for a backup to be made on it
 * @param adapter the data service
 */
public record AgentConfig(
        Manager manager,
        Path workDirectory,
        List<Path> trustedCaFiles,
        int compressionLevel,
        int workers,
        int uploadsInFlight,
        Duration storePatience,
        @Nullable Path statusFile,
        Duration stopWithin,
        int memoryAlertMb,
        BackupFrom backupFrom,
        Duration mostBehind,
        AdapterConfig adapter) {

    /** What a backup and a restore take besides their segments, and what small garbage takes until it is collected. */
    private static final int OTHER_MB = 19;

    /** What the segments of a restore take, whatever the settings say; and those of a backup with the usual ones. */
    private static final int USUAL_MB = 17;

    /** A plaintext, for the thread that reads. */
    private static final int READER_MB = 2;

    /** A plaintext, and room for one frame of zstd. */
    private static final int WORKER_MB = 3;

    /** The object of a segment, in tenths. */
    private static final int SEALED_TENTHS = 22;

    public AgentConfig {
        trustedCaFiles = List.copyOf(trustedCaFiles);
    }

    /** The heap that the settings need, in MB: {@code jvm.options} has it for the usual ones. */
    public int heapMb() {
        int backup = READER_MB + WORKER_MB * workers + Math.ceilDiv(SEALED_TENTHS * uploadsInFlight, 10);
        return OTHER_MB + Math.max(USUAL_MB, backup);
    }

    /** On which of several nodes backups are made. */
    public enum BackupFrom {
        /** On a replica if there is one. */
        REPLICA,
        /** On the primary. */
        PRIMARY
    }

    /**
     * The manager and the agent's identity.
     *
     * @param url the manager's address for agents, without {@code /agent/v1}
     * @param caFile the only certificates that the manager's is checked against
     * @param certificateFile the agent's certificate, which names its instance
     * @param privateKeyFile the key to it
     * @param index which of the agents that the certificate names this one is; null when it names one only
     */
    public record Manager(
            URI url,
            Path caFile,
            Path certificateFile,
            Path privateKeyFile,
            @Nullable Integer index) {}
}
