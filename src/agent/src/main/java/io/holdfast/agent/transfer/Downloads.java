package io.holdfast.agent.transfer;

import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.manager.ManagerClient;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.segment.CorruptListException;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentReader;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.format.segment.SegmentSource;
import io.holdfast.protocol.Address;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.SegmentDownloads;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Reads the segments of one restore's backup: some at once, each by one request to an address that the manager gives. The one
 * place that decides whether that is tried again. May be used by any thread.
 */
public final class Downloads implements AutoCloseable {
    /**
     * How many segments of an artifact are read at once: enough to hide the way to a store that is far away, and what these take
     * of memory is what a backup with the usual settings takes too.
     */
    private static final int WINDOW = 4;

    private final Attempt attempt;
    private final StoreRequests store;
    private final DownloadPages pages;
    private final RandomGenerator random;

    /**
     * Nothing is asked for yet.
     *
     * @param lines how many the backup's list has
     */
    public Downloads(
            ManagerClient manager, StoreConnections store, Attempt attempt, RandomGenerator random, long lines) {
        this.attempt = attempt;
        this.store = new StoreRequests(store, attempt.progress());
        this.pages = new DownloadPages(manager, attempt, store.patience().outage(), lines);
        this.random = random;
    }

    /**
     * The plaintext of an artifact, as {@link SegmentReader} gives it. Failures to get the lines of the list come as {@link
     * UncheckedIOException}.
     *
     * @param first the artifact's first line of the list
     * @param count how many lines are its own
     */
    public InputStream open(String artifact, long first, long count, SegmentSizes sizes)
            throws IOException, InterruptedException {
        Segments segments = new Segments(artifact, first, count);
        return new SegmentReader(
                segments, segments, sizes, secret(pages.pageOf(first).segmentSecret()), WINDOW);
    }

    private static @Nullable SegmentSecret secret(@Nullable String text) throws IOException {
        try {
            return text == null ? null : SegmentSecret.of(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw new IOException("the manager gave a segment secret that is none", e);
        }
    }

    @Override
    public void close() {
        pages.close();
    }

    /** One artifact's. The lines are given out before they are read; each is read once. */
    private final class Segments implements Iterator<SegmentLine>, SegmentSource {
        private final String artifact;
        private final long first;
        private final long end;
        private final Map<SegmentLine, Given> given = Collections.synchronizedMap(new IdentityHashMap<>());
        private long next;

        /** What the manager has given for a line. */
        private record Given(long number, SegmentDownloads.Segment segment) {}

        Segments(String artifact, long first, long count) {
            this.artifact = artifact;
            this.first = first;
            this.end = first + count;
            this.next = first;
        }

        @Override
        public boolean hasNext() {
            return next < end;
        }

        @Override
        public SegmentLine next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            try {
                SegmentDownloads.Segment segment = pages.segment(next);
                SegmentLine line = line(segment);
                given.put(line, new Given(next, segment));
                next++;
                return line;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                InterruptedIOException interrupted = new InterruptedIOException("the download was interrupted");
                interrupted.initCause(e);
                throw new UncheckedIOException(interrupted);
            }
        }

        private SegmentLine line(SegmentDownloads.Segment segment) throws JobException {
            try {
                SegmentLine line = SegmentList.parse(segment.line());
                if (!line.artifact().equals(artifact)) {
                    throw JobException.corrupt(
                            "line " + next + " of the list of segments is one of " + line.artifact()
                                    + " and should be one of " + artifact,
                            null);
                }
                return line;
            } catch (CorruptListException e) {
                throw JobException.corrupt(
                        "line " + next + " of the list of segments cannot be read: " + e.getMessage(), e);
            }
        }

        @Override
        public int read(SegmentLine line, byte[] target) throws IOException, InterruptedException {
            // Whoever waits for the plaintext need not be the thread that is interrupted when the attempt stops.
            try (StopSignal.Registration _ = attempt.stop().onStop(Thread.currentThread()::interrupt)) {
                return read(given(line), line.bytes(), target);
            }
        }

        private int read(Given place, int bytes, byte[] target) throws IOException, InterruptedException {
            String what = "segment " + (place.number - first) + " of " + artifact;
            Outage outage = new Outage(what, store.patience(), attempt.progress(), random);
            Address address = place.segment.address();
            boolean renewed = false;
            while (true) {
                attempt.stop().check();
                try {
                    int count = store.get(address, what, bytes, target);
                    outage.over();
                    return count;
                } catch (JobException e) {
                    throw e;
                } catch (IOException e) {
                    if (Thread.interrupted()) {
                        throw new InterruptedException("download");
                    }
                    attempt.stop().check();
                    // An address that was refused may only have become too old.
                    if (renewed || !(e instanceof StoreRequests.RefusedException)) {
                        outage.pause(e);
                    }
                }
                address = again(place);
                renewed = true;
            }
        }

        private Address again(Given place) throws IOException, InterruptedException {
            SegmentDownloads.Segment segment = pages.again(place.number);
            if (!segment.line().equals(place.segment.line())) {
                throw JobException.corrupt(
                        "line " + place.number + " of the list of segments is not what it was before", null);
            }
            return segment.address();
        }

        @Override
        public FileKey key(SegmentLine line) throws JobException {
            Given place = given(line);
            given.remove(line);
            try {
                return FileKey.of(Base64.getDecoder().decode(place.segment.key()));
            } catch (IllegalArgumentException e) {
                throw new JobException(
                        FailureCode.KEY_MISMATCH,
                        "the manager gave no key for segment " + (place.number - first) + " of " + artifact,
                        null,
                        e);
            }
        }

        private Given given(SegmentLine line) {
            Given place = given.get(line);
            if (place == null) {
                throw new IllegalStateException("a line that was not given out, or was read before");
            }
            return place;
        }
    }
}
