package io.holdfast.manager.store.directory;

/**
 * What was received through a signed address.
 *
 * @param etag the part's MD5 in lower-case hex: the answer's ETag, in double quotes there
 */
public record PartReceipt(String etag) {}
