package io.holdfast.manager.backup;

/**
 * A part whose address was signed.
 *
 * @param number from 1
 * @param size bytes
 * @param md5 in base64
 */
public record SignedPart(int number, long size, String md5) {}
