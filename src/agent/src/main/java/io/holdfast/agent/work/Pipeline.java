package io.holdfast.agent.work;

import io.holdfast.agent.transfer.PartBuffers;

/**
 * How a dump becomes an upload.
 *
 * @param buffers the memory for uploads, the same for all jobs
 * @param compressionLevel zstd's
 * @param workers threads that compress
 */
public record Pipeline(PartBuffers buffers, int compressionLevel, int workers) {}
