package io.holdfast.manager.backup;

/** An upload. */
public record Upload(long id, long job, int epoch, String artifact, int segment, String objectKey, String uploadId) {}
