package io.holdfast.agent.work;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.manager.ManagerClient;
import io.holdfast.agent.transfer.PartBuffers;
import io.holdfast.agent.transfer.StoreConnections;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * What every job needs.
 *
 * @param duty what the node may do
 * @param journals the folder of the restores' journals
 * @param buffers the memory for uploads, the same for all jobs
 * @param compressionLevel zstd's
 * @param workers threads that compress
 * @param memory measures the process
 */
public record AgentContext(
        ManagerClient manager,
        StoreConnections store,
        Adapter adapter,
        NodeDuty duty,
        Path journals,
        PartBuffers buffers,
        int compressionLevel,
        int workers,
        MemoryGauge memory,
        SecureRandom random,
        CrashPoints crashPoints) {}
