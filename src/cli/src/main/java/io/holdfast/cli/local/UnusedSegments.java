package io.holdfast.cli.local;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Bringer;
import io.holdfast.format.segment.Runs;
import io.holdfast.format.segment.SegmentName;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the files below an instance's {@code segments} that none of its backups uses. */
final class UnusedSegments {
    private final Path root;
    /** Which segments of an attempt some backup uses. */
    private final Map<Bringer, List<Runs>> used = new HashMap<>();

    /**
     * Makes it.
     *
     * @param root the instance's folder
     * @param backups the manifests of all its backups
     */
    UnusedSegments(Path root, List<Manifest> backups) {
        this.root = root;
        for (Manifest manifest : backups) {
            for (Manifest.Brought brought : manifest.segments().brought()) {
                used.computeIfAbsent(brought.bringer(), _ -> new ArrayList<>()).add(brought.runs());
            }
        }
    }

    /** A sentence on what is in one folder below {@code segments} and of no use; null when all of it is used. */
    @Nullable String in(Path folder) throws IOException {
        long files = 0;
        long bytes = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path file : all) {
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && !isUsed(folder, file)) {
                    files++;
                    bytes += Files.size(file);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return files == 0
                ? null
                : "no backup here uses " + files + (files == 1 ? " file" : " files") + " (" + bytes
                        + " bytes): garbage," + " or of a backup that is being made";
    }

    private boolean isUsed(Path folder, Path file) {
        return SegmentName.find("segments/" + folder.getFileName() + "/" + file.getFileName())
                .filter(name -> file.toAbsolutePath().normalize().equals(root.resolve(name.path())))
                .filter(name -> used.getOrDefault(name.bringer(), List.of()).stream()
                        .anyMatch(runs -> runs.contains(name.number())))
                .isPresent();
    }
}
