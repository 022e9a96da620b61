package io.holdfast.format.artifact;

/**
 * What was written as one segment.
 *
 * @param bytes size of the ciphertext
 * @param sha256 over the ciphertext, in lower-case hexadecimal
 */
public record SegmentSummary(long bytes, String sha256) {}
