package io.holdfast.agent.work;

import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.Progress;
import io.holdfast.agent.transfer.Downloads;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.CorruptSegmentException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/** A backup in the store as plaintext: downloaded, decrypted, decompressed and checked on the way. */
final class BackupSource implements RestoreOrder.Source {
    private final Downloads downloads;
    private final Progress progress;
    private final Map<String, Long> firstLines = new HashMap<>();

    BackupSource(Manifest manifest, Downloads downloads, Progress progress) {
        this.downloads = downloads;
        this.progress = progress;
        long line = 0;
        for (Manifest.Artifact artifact : manifest.artifacts()) {
            firstLines.put(artifact.name(), line);
            line += artifact.segments();
        }
    }

    @Override
    public InputStream open(Manifest.Artifact artifact) throws IOException {
        Long first = firstLines.get(artifact.name());
        if (first == null) {
            throw new IllegalArgumentException("an artifact of another backup: " + artifact.name());
        }
        try {
            return new Diagnosed(
                    downloads.open(artifact.name(), first, artifact.segments(), artifact.sizes()), artifact);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("the download was interrupted");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    /**
     * Says what was wrong in the terms of a job, and counts. A segment is opened only when its bytes are those that were made, so
     * one that the key does not open is one that has another key. Whoever skips bytes reads them: all are counted.
     */
    private final class Diagnosed extends InputStream {
        private final InputStream in;
        private final Manifest.Artifact artifact;
        private long count;

        Diagnosed(InputStream in, Manifest.Artifact artifact) {
            this.in = in;
            this.artifact = artifact;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int read = in.read(bytes, offset, length);
                count += Math.max(read, 0);
                if (read < 0 ? count != artifact.plaintextBytes() : count > artifact.plaintextBytes()) {
                    throw JobException.corrupt(
                            artifact.name() + " has " + (read < 0 ? "" : "at least ") + count
                                    + " bytes, and the manifest says " + artifact.plaintextBytes(),
                            null);
                }
                progress.in(Math.max(read, 0));
                return read;
            } catch (UncheckedIOException e) {
                throw e.getCause();
            } catch (CorruptSegmentException e) {
                String where = artifact.name() + ", " + e.getMessage();
                throw isOfTheKey(e)
                        ? new JobException(
                                FailureCode.KEY_MISMATCH, "the key does not open the backup: " + where, null, e)
                        : JobException.corrupt("the backup is not as it was made: " + where, e);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }

        private static boolean isOfTheKey(Throwable failure) {
            for (Throwable each = failure; each != null; each = each.getCause()) {
                if (each instanceof AgeException age && age.kind() == AgeException.Kind.BAD_MAC) {
                    return true;
                }
            }
            return false;
        }
    }
}
