package io.holdfast.format.segment;

/**
 * Who has brought segments.
 *
 * @param backupId the backup that it was an attempt at
 * @param attempt its number, from 1
 */
public record Bringer(String backupId, int attempt) {}
