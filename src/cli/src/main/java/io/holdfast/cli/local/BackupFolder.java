package io.holdfast.cli.local;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.SegmentName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the files of a backup are.
 *
 * @param folder what has its manifest and its list
 * @param root what the paths in its list are below: the instance's folder when {@code folder} is in one of the name
 *     {@code backups}, else {@code folder} itself
 */
record BackupFolder(Path folder, Path root) {
    static final String MANIFEST = "manifest.json";
    static final String LIST = "segments.list";

    static BackupFolder of(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        Path backups = absolute.getParent();
        Path instance = backups == null ? null : backups.getParent();
        return new BackupFolder(
                folder, instance != null && backups != null && backups.endsWith("backups") ? instance : absolute);
    }

    Path list() {
        return folder.resolve(LIST);
    }

    Path object(SegmentName name) {
        return root.resolve(name.path());
    }

    /** The manifest, which nobody has looked at yet. */
    SignedManifest readManifest() throws IOException {
        try (InputStream in = Files.newInputStream(folder.resolve(MANIFEST))) {
            return SignedManifest.parse(in.readNBytes(SignedManifest.LARGEST + 1));
        }
    }

    /** In a store, the names of the folders must be those that were signed: nothing was moved under another name. */
    List<String> misplaced(Manifest manifest) {
        Path absolute = folder.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        List<String> problems = new ArrayList<>();
        boolean inInstance = parent != null && parent.equals(root.resolve("backups"));
        boolean inManager = parent != null && parent.endsWith("manager/state");
        if ((inInstance || inManager) && !absolute.endsWith(manifest.backupId())) {
            problems.add("the manifest is that of another backup: " + manifest.backupId());
        }
        if ((inInstance && !root.endsWith(manifest.instanceId()))
                || (inManager && !manifest.instanceId().equals("manager"))) {
            problems.add("the manifest is that of another instance: " + manifest.instanceId());
        }
        return problems;
    }
}
