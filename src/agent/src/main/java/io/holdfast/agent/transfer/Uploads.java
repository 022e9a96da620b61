package io.holdfast.agent.transfer;

import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.manager.ManagerClient;
import io.holdfast.agent.manager.ManagerException;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.SealedSegment;
import io.holdfast.format.segment.SegmentSink;
import io.holdfast.protocol.Address;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.SegmentUploads;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * Stores the segments of one attempt's backup, each by one request to an address that the manager gives. The one place that
 * decides whether that is tried again. May be used by any virtual thread.
 */
public final class Uploads {
    private final Attempt attempt;
    private final StoreRequests store;
    private final AddressDesk<SegmentUploads.Segment, Address> addresses;
    private final Borrowings borrowings;
    private final RandomGenerator random;
    private final AtomicInteger numbers = new AtomicInteger();

    /**
     * None yet.
     *
     * @param borrowings takes the segments that need not be stored
     */
    public Uploads(
            ManagerClient manager,
            StoreConnections store,
            Attempt attempt,
            Borrowings borrowings,
            RandomGenerator random) {
        this.attempt = attempt;
        this.borrowings = borrowings;
        this.store = new StoreRequests(store, attempt.progress());
        this.random = random;
        this.addresses = new AddressDesk<>(
                segments -> manager.uploads(
                                attempt.id().job(),
                                new SegmentUploads(attempt.id().epoch(), segments),
                                store.patience().outage())
                        .addresses(),
                SegmentUploads.MOST);
    }

    /** Takes the segments of one artifact. */
    public SegmentSink of(String artifact) {
        return new SegmentSink() {
            @Override
            public boolean isStored(long position, Fingerprint fingerprint) throws IOException, InterruptedException {
                return borrowings.borrow(artifact, position, fingerprint);
            }

            @Override
            public void store(long position, Fingerprint fingerprint, SealedSegment sealed)
                    throws IOException, InterruptedException {
                byte[] md5 = md5(sealed);
                SegmentUploads.Segment segment = new SegmentUploads.Segment(
                        numbers.getAndIncrement(),
                        artifact,
                        position,
                        fingerprint.hex(),
                        sealed.bytes(),
                        sealed.sha256(),
                        Base64.getEncoder().encodeToString(md5),
                        sealed.key().share(),
                        sealed.key().body());
                send(segment, sealed, md5);
            }
        };
    }

    private void send(SegmentUploads.Segment segment, SealedSegment sealed, byte[] md5)
            throws IOException, InterruptedException {
        Outage outage = new Outage(
                "segment " + segment.position() + " of " + segment.artifact(),
                store.patience(),
                attempt.progress(),
                random);
        while (true) {
            attempt.stop().check();
            // A fresh address for each try: the last one may have been too old.
            Address address = address(segment);
            try {
                store.put(address, sealed.buffer(), sealed.bytes(), md5);
                outage.over();
                attempt.reached(CrashPoint.FIRST_SEGMENT_UPLOADED);
                return;
            } catch (JobException e) {
                throw e;
            } catch (IOException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("upload");
                }
                attempt.stop().check();
                outage.pause(e);
            }
        }
    }

    private Address address(SegmentUploads.Segment segment) throws IOException, InterruptedException {
        try {
            return addresses.ask(segment);
        } catch (JobException | ManagerException | StopSignal.StoppedException e) {
            throw e;
        } catch (IOException e) {
            throw new JobException(
                    FailureCode.MANAGER_UNAVAILABLE,
                    "the manager gave no addresses to store segments at: " + e.getMessage(),
                    "check the manager, and the way to it from the agent's machine",
                    e);
        }
    }

    @SuppressWarnings("InsecureCryptoUsage") // MD5 is what the stores compare; nothing rests on it but that
    private static byte[] md5(SealedSegment sealed) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(sealed.buffer(), 0, sealed.bytes());
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has MD5", e);
        }
    }
}
