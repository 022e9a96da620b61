package io.holdfast.manager.backup;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.signed.SignedFileException;
import java.nio.charset.StandardCharsets;

/** Reads manifests that the catalogue has noted: those were authentic. */
public final class NotedManifest {
    private NotedManifest() {}

    /**
     * Reads one.
     *
     * @throws IllegalStateException when it cannot be read
     */
    public static Manifest parse(String text) {
        return parse(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads one from its file, as the other method does. */
    public static Manifest parse(byte[] file) {
        try {
            return SignedManifest.parse(file).manifest();
        } catch (SignedFileException e) {
            throw new IllegalStateException("the catalogue holds a manifest that cannot be read", e);
        }
    }
}
