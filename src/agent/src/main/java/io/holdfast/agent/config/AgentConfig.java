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
 * @param uploadsInFlight parts that are uploaded at the same time; the agent holds one part more in memory
 * @param statusFile where scripts can read what the agent does, or null
 * @param stopWithin how long a running job may still take when the agent is told to stop
 * @param memoryAlertMb the use of memory with children, in MB, above which an operator is alerted; 0 when nobody watches
 * @param adapter the data service
 */
public record AgentConfig(
        Manager manager,
        Path workDirectory,
        List<Path> trustedCaFiles,
        int compressionLevel,
        int workers,
        int uploadsInFlight,
        @Nullable Path statusFile,
        Duration stopWithin,
        int memoryAlertMb,
        AdapterConfig adapter) {

    public AgentConfig {
        trustedCaFiles = List.copyOf(trustedCaFiles);
    }

    /**
     * The manager and the agent's identity.
     *
     * @param url the manager's address for agents, without {@code /agent/v1}
     * @param caFile the only certificates that the manager's is checked against
     * @param certificateFile the agent's certificate, which names its instance
     * @param privateKeyFile the key to it
     */
    public record Manager(URI url, Path caFile, Path certificateFile, Path privateKeyFile) {}
}
