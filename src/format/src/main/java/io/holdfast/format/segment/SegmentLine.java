package io.holdfast.format.segment;

import io.holdfast.format.age.WrappedFileKey;
import java.util.regex.Pattern;

/**
 * What the list of a backup says of one segment.
 *
 * @param artifact whose segment it is: {@code [a-z0-9][a-z0-9_-]{0,62}}
 * @param fingerprint of its plaintext
 * @param bytes size of the object
 * @param sha256 of the object, in lower-case hexadecimal
 * @param key what the object's header has for the recipient of the instance's key version
 * @param name which object it is
 */
public record SegmentLine(
        String artifact, Fingerprint fingerprint, int bytes, String sha256, WrappedFileKey key, SegmentName name) {
    /** More bytes than any segment's object has. */
    public static final int MOST_BYTES = new SegmentSizes(SegmentSizes.LARGEST_MEAN).mostSealed();

    private static final Pattern ARTIFACT = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    /** Checks the shape, with {@link IllegalArgumentException}. */
    public SegmentLine {
        require(isArtifact(artifact), "the artifact's name does not match " + ARTIFACT);
        require(bytes > 0 && bytes <= MOST_BYTES, "the size is not 1 to " + MOST_BYTES);
        require(SHA_256.matcher(sha256).matches(), "the SHA-256 is not 64 lower-case hexadecimal digits");
    }

    /** Whether an artifact may have a name. */
    public static boolean isArtifact(String name) {
        return ARTIFACT.matcher(name).matches();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
