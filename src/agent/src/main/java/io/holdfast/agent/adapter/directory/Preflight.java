package io.holdfast.agent.adapter.directory;

import io.holdfast.agent.adapter.FreeSpace;
import io.holdfast.agent.adapter.tar.Tar;
import io.holdfast.agent.adapter.tar.TreeCounts;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** What can be known to fail before a restore begins. */
final class Preflight {
    private static final String MAKE_ROOM =
            "make room, or remove replaced directories (.holdfast-replaced-…) of earlier restores";

    private final Place place;
    private final Tar tar;
    private final StopSignal stop;

    Preflight(Place place, Tar tar, StopSignal stop) {
        this.place = place;
        this.tar = tar;
        this.stop = stop;
    }

    void check(Manifest manifest, long restoreId) throws IOException, InterruptedException {
        requireArtifact(manifest);
        TreeCounts counts = TreeCounts.of(manifest.facts());
        Path parent = place.parent();
        if (!Files.isDirectory(parent)) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED, "there is no directory " + parent, "make it, with owner and mode");
        }
        if (!Files.isWritable(parent)) {
            throw new JobException(
                    FailureCode.SERVICE_DENIED,
                    "the agent may not write to " + parent
                            + ", where a restore puts the new directory before renaming it to " + place.live(),
                    "run the agent as root, and mount the file system for writing");
        }
        requireFree(place.replaced(restoreId));
        if (Files.exists(place.live(), LinkOption.NOFOLLOW_LINKS)) {
            requireReplaceable(place.live());
        }
        checkSpace(manifest, parent);
        checkInodes(counts, parent);
    }

    /** The stream in which everything is. */
    static Manifest.Artifact requireArtifact(Manifest manifest) throws JobException {
        List<Manifest.Artifact> artifacts = manifest.artifacts();
        if (artifacts.size() != 1
                || !artifacts.getFirst().name().equals(DirectoryDump.FILES)
                || !artifacts.getFirst().type().equals(DirectoryDump.TYPE)) {
            throw JobException.corrupt("the backup is not a backup of a directory", null);
        }
        return artifacts.getFirst();
    }

    /** Looked at again right before the swap. */
    static void requireReplaceable(Path live) throws IOException {
        if (!Files.isDirectory(live, LinkOption.NOFOLLOW_LINKS)) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    live + " is a symbolic link or a file, not a directory",
                    "name the directory itself in adapter.path");
        }
        List<String> mounts = Mounts.within(live);
        if (Mounts.isMountPoint(live)) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    live + " is a mount point: it cannot be renamed, so it cannot be replaced",
                    "keep the data in a directory below the mount point, and name that in adapter.path");
        }
        if (!mounts.isEmpty()) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    "file systems are mounted in " + live + ": " + mounts,
                    "unmount them for the restore");
        }
    }

    static void requireFree(Path replaced) throws JobException {
        if (Files.exists(replaced, LinkOption.NOFOLLOW_LINKS)) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    replaced + " is in the way: a restore of the same number was cut off",
                    "check whether its data is needed, and remove or rename it");
        }
    }

    /**
     * Old and new data lie side by side. Only an estimate: a tar stream has its files without their holes, and about as
     * much around them as a file system.
     */
    private static void checkSpace(Manifest manifest, Path parent) throws IOException {
        long needed = manifest.artifacts().stream()
                .mapToLong(Manifest.Artifact::plaintextBytes)
                .sum();
        long free = FreeSpace.of(parent);
        if (free < needed) {
            throw new JobException(
                    FailureCode.DISK_FULL,
                    "the disk of " + parent + " has " + free + " bytes left, and the restore needs about " + needed,
                    MAKE_ROOM);
        }
    }

    /** Small files use up a file system's inodes before its bytes. */
    private void checkInodes(TreeCounts counts, Path parent) throws IOException, InterruptedException {
        long needed = counts.files() + counts.symbolicLinks() + counts.directories();
        OptionalLong free = tar.freeInodes(parent, stop);
        if (free.isPresent() && free.getAsLong() < needed) {
            throw new JobException(
                    FailureCode.DISK_FULL,
                    "the file system of " + parent + " has " + free.getAsLong() + " inodes left, and the restore needs "
                            + needed,
                    MAKE_ROOM);
        }
    }
}
