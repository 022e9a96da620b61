package io.holdfast.format.artifact;

import io.holdfast.format.age.FileKey;
import java.io.IOException;
import java.io.InputStream;

/** A stored segment, with its own key, of which a manifest says something else. */
class Relabelled implements SegmentSource {
    private final SegmentSource stored;
    private final long bytes;
    private final String sha256;

    Relabelled(SegmentSource stored, long bytes, String sha256) {
        this.stored = stored;
        this.bytes = bytes;
        this.sha256 = sha256;
    }

    Relabelled(SegmentSource stored, SegmentSource told) {
        this(stored, told.bytes(), told.sha256());
    }

    @Override
    public InputStream open() throws IOException {
        return stored.open();
    }

    @Override
    public FileKey key() {
        return stored.key();
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public String sha256() {
        return sha256;
    }
}
