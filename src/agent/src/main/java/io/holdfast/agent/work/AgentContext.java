package io.holdfast.agent.work;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.manager.ManagerClient;
import io.holdfast.agent.transfer.StoreConnections;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * What every job needs.
 *
 * @param duty what the node may do
 * @param journals the folder of the restores' journals
 * @param memory measures the process
 */
public record AgentContext(
        ManagerClient manager,
        StoreConnections store,
        Adapter adapter,
        NodeDuty duty,
        Path journals,
        Pipeline pipeline,
        MemoryGauge memory,
        SecureRandom random) {}
