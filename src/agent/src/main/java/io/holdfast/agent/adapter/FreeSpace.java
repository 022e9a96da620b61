package io.holdfast.agent.adapter;

import java.nio.file.Path;

/** How much room a disk has. Only ever an estimate of what a restore will find. */
public final class FreeSpace {
    private FreeSpace() {}

    /**
     * Bytes that can be written to the file system of a directory; {@link Long#MAX_VALUE} when it does not say. Unlike
     * {@link java.nio.file.FileStore} it needs no entry in the list of mounts, which is empty in some containers and roots.
     */
    public static long of(Path directory) {
        long total = directory.toFile().getTotalSpace();
        return total == 0 ? Long.MAX_VALUE : directory.toFile().getUsableSpace();
    }
}
