package io.holdfast.format.segment;

/**
 * An artifact of which all segments are stored.
 *
 * @param plaintextBytes its size
 * @param segments how many it has, at least 1
 */
public record WrittenArtifact(long plaintextBytes, long segments) {}
