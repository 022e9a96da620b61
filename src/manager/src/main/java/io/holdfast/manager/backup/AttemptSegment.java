package io.holdfast.manager.backup;

/**
 * A segment that an agent was given an address for, see {@link io.holdfast.protocol.SegmentUploads.Segment}.
 *
 * @param md5 in base64
 */
record AttemptSegment(
        int number,
        String artifact,
        long position,
        String fingerprint,
        int bytes,
        String sha256,
        String md5,
        String share,
        String body) {}
