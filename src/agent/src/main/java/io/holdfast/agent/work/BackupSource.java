package io.holdfast.agent.work;

import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.transfer.SegmentDownloadStream;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.artifact.ArtifactReader;
import io.holdfast.format.artifact.CorruptArtifactException;
import io.holdfast.format.artifact.SegmentSource;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.FailureCode;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** A backup in the store as plaintext: downloaded, decrypted, decompressed and checked on the way. */
final class BackupSource implements RestoreOrder.Source {
    private record Place(String artifact, int segment) {}

    private final SegmentDownloadStream.Downloads downloads;
    private final Map<Place, FileKey> keys = new HashMap<>();
    private int reached;

    BackupSource(SegmentDownloadStream.Downloads downloads, List<Assignment.FileKey> fileKeys) {
        this.downloads = downloads;
        for (Assignment.FileKey key : fileKeys) {
            keys.put(
                    new Place(key.artifact(), key.segment()),
                    FileKey.of(Base64.getDecoder().decode(key.key())));
        }
    }

    @Override
    public InputStream open(Manifest.Artifact artifact) throws IOException {
        List<Segment> segments = new ArrayList<>();
        for (int number = 0; number < artifact.segments().size(); number++) {
            FileKey key = keys.get(new Place(artifact.name(), number));
            if (key == null) {
                throw new JobException(
                        FailureCode.KEY_MISMATCH,
                        "the manager gave no key for " + artifact.name() + " segment " + number);
            }
            segments.add(
                    new Segment(artifact.name(), number, artifact.segments().get(number), key));
        }
        return new Diagnosed(ArtifactReader.open(segments), segments);
    }

    private SegmentDownloadStream download(Segment segment) {
        return new SegmentDownloadStream(downloads, segment.artifact, segment.number, segment.bytes());
    }

    private final class Segment implements SegmentSource {
        private final String artifact;
        private final int number;
        private final Manifest.Segment expected;
        private final FileKey key;

        Segment(String artifact, int number, Manifest.Segment expected, FileKey key) {
            this.artifact = artifact;
            this.number = number;
            this.expected = expected;
            this.key = key;
        }

        @Override
        public InputStream open() {
            reached = number;
            return download(this);
        }

        @Override
        public FileKey key() {
            return key;
        }

        @Override
        public long bytes() {
            return expected.bytes();
        }

        @Override
        public String sha256() {
            return expected.sha256();
        }
    }

    /**
     * Tells a wrong key from a changed header, which look the same to age: when the segment's bytes are those that were
     * made, it is the key.
     */
    private final class Diagnosed extends FilterInputStream {
        private final List<Segment> segments;

        Diagnosed(InputStream in, List<Segment> segments) {
            super(in);
            this.segments = segments;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int read = super.read(bytes, offset, length);
                downloads.attempt().progress().in(Math.max(read, 0));
                return read;
            } catch (CorruptArtifactException e) {
                boolean keyMayBeWrong =
                        e.getCause() instanceof AgeException age && age.kind() == AgeException.Kind.BAD_MAC;
                if (keyMayBeWrong && asSealed(segments.get(reached))) {
                    throw new JobException(
                            FailureCode.KEY_MISMATCH, "the key does not open the backup: " + e.getMessage(), null, e);
                }
                throw JobException.corrupt("the backup is not as it was made: " + e.getMessage(), e);
            }
        }

        private boolean asSealed(Segment segment) throws IOException {
            try (InputStream in = download(segment)) {
                DigestInputStream digesting = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"));
                digesting.transferTo(OutputStream.nullOutputStream());
                return HexFormat.of()
                        .formatHex(digesting.getMessageDigest().digest())
                        .equals(segment.sha256());
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JVM has SHA-256", e);
            }
        }
    }
}
