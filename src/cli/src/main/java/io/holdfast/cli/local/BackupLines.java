package io.holdfast.cli.local;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Runs;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentListReader;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a backup's list from its beginning to its end, and compares each line with the manifest. Takes one bit of memory for a
 * segment. What it gives out is authentic only once {@link #next} has answered the end.
 */
final class BackupLines implements Closeable {
    private final InputStream in;
    private final SegmentListReader reader;
    private final Manifest manifest;
    private final Map<String, Used> brought = new HashMap<>();
    private int artifact = -1;
    private long left;
    private long bytes;

    BackupLines(BackupFolder backup, Manifest manifest) throws IOException {
        this.manifest = manifest;
        for (Manifest.Brought each : manifest.segments().brought()) {
            brought.put(key(each.backupId(), each.attempt()), new Used(each));
        }
        this.in = new BufferedInputStream(Files.newInputStream(backup.list()));
        this.reader = new SegmentListReader(in, manifest.segments().list());
    }

    /** A list that is not the one that its manifest means. */
    static final class OtherListException extends IOException {
        private static final long serialVersionUID = 1;

        OtherListException(String message) {
            super(message);
        }
    }

    /**
     * Reads all of it.
     *
     * @throws IOException when it is cut or changed, or says something else than the manifest
     */
    static void check(BackupFolder backup, Manifest manifest) throws IOException {
        try (BackupLines lines = new BackupLines(backup, manifest)) {
            SegmentLine line = lines.next();
            while (line != null) {
                line = lines.next();
            }
        }
    }

    /** The next line; null behind the last one, when all of the list was found to be right. */
    @Nullable SegmentLine next() throws IOException {
        SegmentLine line = reader.next();
        if (line == null) {
            endOfArtifact();
            for (Used each : brought.values()) {
                each.requireAll();
            }
            return null;
        }
        if (left == 0) {
            endOfArtifact();
            // There is one more: the manifest's artifacts have as many segments as its list has lines.
            artifact++;
            left = artifact().segments();
            bytes = 0;
        }
        if (!line.artifact().equals(artifact().name())) {
            throw new OtherListException("it has a line of " + line.artifact() + " where the manifest has "
                    + artifact().name());
        }
        Used used = brought.get(key(line.name().backupId(), line.name().attempt()));
        if (used == null || !used.take(line)) {
            throw new OtherListException(
                    "the manifest does not have " + line.name().path());
        }
        left--;
        bytes += line.bytes();
        return line;
    }

    /** The artifact of the line that was given out last. */
    Manifest.Artifact artifact() {
        return manifest.artifacts().get(artifact);
    }

    /** Whether that line was its artifact's last. */
    boolean wasLast() {
        return left == 0;
    }

    private void endOfArtifact() throws OtherListException {
        if (artifact >= 0 && bytes != artifact().storedBytes()) {
            throw new OtherListException("the segments of " + artifact().name() + " have " + bytes
                    + " bytes, and the manifest has " + artifact().storedBytes());
        }
    }

    private static String key(String backupId, int attempt) {
        return backupId + " " + attempt;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** What one attempt has brought, and which of it was listed so far. */
    private static final class Used {
        private final Manifest.Brought brought;
        private final Runs runs;
        private final int first;
        private final BitSet listed = new BitSet();
        private long bytes;

        Used(Manifest.Brought brought) {
            this.brought = brought;
            this.runs = brought.runs();
            this.first = runs.runs().getFirst().first();
        }

        boolean take(SegmentLine line) {
            int number = line.name().number();
            if (!runs.contains(number)) {
                return false;
            }
            if (!listed.get(number - first)) {
                listed.set(number - first);
                bytes += line.bytes();
            }
            return true;
        }

        void requireAll() throws OtherListException {
            if (listed.cardinality() != runs.count() || bytes != brought.bytes()) {
                throw new OtherListException("it has other segments of " + brought.backupId() + ", attempt "
                        + brought.attempt() + ", than the manifest");
            }
        }
    }
}
