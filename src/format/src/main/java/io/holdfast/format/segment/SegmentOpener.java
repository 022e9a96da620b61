package io.holdfast.format.segment;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.zstd.CorruptFrameException;
import io.holdfast.format.zstd.FrameCompressor;
import io.holdfast.format.zstd.FrameReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Opens segments, and believes nothing of one: its size and hash are looked at before anything else is done with it, and the
 * fingerprint of what it holds before any of it is given out. Takes 1 MiB. Not safe for several threads; each takes its own.
 */
public final class SegmentOpener {
    private final @Nullable Fingerprints fingerprints;
    private final byte[] frame = new byte[FrameCompressor.largestFrameBytes()];

    /**
     * An opener.
     *
     * @param secret of the key version; null where nobody has it any more, or only its manager has: then fingerprints are not
     *     looked at
     */
    public SegmentOpener(@Nullable SegmentSecret secret) {
        fingerprints = secret == null ? null : new Fingerprints(secret);
    }

    /**
     * Opens one.
     *
     * @param object from their beginning, the bytes of the object
     * @param length how many they are
     * @param line what the list says of it
     * @param key what opens it
     * @param target where the plaintext goes, as long as a segment of the artifact can be; nothing in it counts when this throws
     * @return how many bytes of plaintext it has
     * @throws CorruptSegmentException when it is not what the line says, cannot be opened with this key, or does not hold what
     *     the line says
     */
    public int open(byte[] object, int length, SegmentLine line, FileKey key, byte[] target)
            throws CorruptSegmentException {
        requireSealed(object, length, line);
        int bytes = decrypt(object, length, key, frame, target);
        if (fingerprints != null && !fingerprints.of(target, bytes).equals(line.fingerprint())) {
            throw new CorruptSegmentException("it holds something else: its fingerprint is not the one it should have");
        }
        return bytes;
    }

    /**
     * Looks only whether the object is the one that the line says, which needs no key.
     *
     * @throws CorruptSegmentException when it is not
     */
    public static void requireSealed(byte[] object, int length, SegmentLine line) throws CorruptSegmentException {
        if (length != line.bytes()) {
            throw new CorruptSegmentException("it has " + length + " bytes and should have " + line.bytes());
        }
        MessageDigest sha256 = Digests.sha256();
        sha256.update(object, 0, length);
        if (!HexFormat.of().formatHex(sha256.digest()).equals(line.sha256())) {
            throw new CorruptSegmentException("its SHA-256 is not the one it should have");
        }
    }

    private static int decrypt(byte[] object, int length, FileKey key, byte[] frame, byte[] target)
            throws CorruptSegmentException {
        try (InputStream plain =
                new FrameReader(Age.decrypt(new ByteArrayInputStream(object, 0, length), key), frame)) {
            int bytes = plain.readNBytes(target, 0, target.length);
            if (plain.read() >= 0) {
                throw new CorruptSegmentException(
                        "it holds more than the " + target.length + " bytes that a segment can have");
            }
            return bytes;
        } catch (AgeException | CorruptFrameException e) {
            throw new CorruptSegmentException(String.valueOf(e.getMessage()), e);
        } catch (CorruptSegmentException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
    }
}
