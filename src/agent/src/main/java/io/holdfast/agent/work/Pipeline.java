package io.holdfast.agent.work;

/**
 * How a dump becomes an upload.
 *
 * @param compressionLevel zstd's
 * @param workers threads that compress
 * @param inFlight how many sealed segments there are at once, most of them on their way to the store
 */
public record Pipeline(int compressionLevel, int workers, int inFlight) {}
