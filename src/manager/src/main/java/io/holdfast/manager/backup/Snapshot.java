package io.holdfast.manager.backup;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.Snapshots;

/** Whether the agent finds a backup's snapshot. */
public enum Snapshot {
    KEPT,
    MISSING;

    /** Whether a backup's data is a snapshot. */
    public static boolean isOne(Manifest manifest) {
        return manifest.artifacts().stream()
                .anyMatch(artifact -> artifact.type().equals(Snapshots.ARTIFACT_TYPE));
    }
}
