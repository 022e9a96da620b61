package io.holdfast.agent.adapter;

import io.holdfast.format.manifest.Manifest;
import java.io.IOException;
import java.io.InputStream;

/**
 * What is to be restored.
 *
 * @param manifest the backup's, authentic and of this instance
 * @param rollbackHours how long replaced data is kept
 * @param skipBroken whether a part that cannot come back is left out, where parts are independent, instead of failing all
 * @param source gives the backup's plaintext
 */
public record RestoreOrder(Manifest manifest, int rollbackHours, boolean skipBroken, Source source) {
    /** Opens artifacts. */
    public interface Source {
        /** An artifact's plaintext; its end is reached only when every byte was found to be as it was sealed. */
        InputStream open(Manifest.Artifact artifact) throws IOException;
    }
}
