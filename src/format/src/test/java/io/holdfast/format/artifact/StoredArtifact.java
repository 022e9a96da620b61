package io.holdfast.format.artifact;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.X25519Identity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/** An artifact written to memory, with the means to read it back, changed or not. */
final class StoredArtifact {
    final X25519Identity identity = X25519Identity.generate(new SecureRandom());
    final ArtifactSummary summary;
    final List<byte[]> objects;

    StoredArtifact(byte[] plaintext, Settings settings) throws IOException, InterruptedException {
        List<ByteArrayOutputStream> written = new ArrayList<>();
        summary = new ArtifactWriter(List.of(identity.recipient()), settings, new SecureRandom())
                .write(new ByteArrayInputStream(plaintext), segment -> {
                    if (segment != written.size()) {
                        throw new IOException("segment " + segment + " out of order");
                    }
                    written.add(new ByteArrayOutputStream());
                    return written.getLast();
                });
        objects = written.stream().map(ByteArrayOutputStream::toByteArray).toList();
    }

    /** The segments as the manifest would tell of them, but with these bytes in the store. */
    List<SegmentSource> sources(List<byte[]> stored) throws IOException {
        List<SegmentSource> sources = new ArrayList<>();
        for (int i = 0; i < stored.size(); i++) {
            SegmentSummary segment = summary.segments().get(Math.min(i, objects.size() - 1));
            FileKey key = Age.fileKey(
                    new ByteArrayInputStream(objects.get(Math.min(i, objects.size() - 1))), List.of(identity));
            sources.add(source(stored.get(i), key, segment));
        }
        return sources;
    }

    /** A segment as a manifest tells of it. */
    static SegmentSource source(byte[] object, FileKey key, SegmentSummary segment) {
        return new SegmentSource() {
            @Override
            public InputStream open() {
                return new ByteArrayInputStream(object);
            }

            @Override
            public FileKey key() {
                return key;
            }

            @Override
            public long bytes() {
                return segment.bytes();
            }

            @Override
            public String sha256() {
                return segment.sha256();
            }
        };
    }
}
