package io.holdfast.agent.transfer;

import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.manager.ManagerClient;
import io.holdfast.agent.manager.ManagerException;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BorrowedSegments;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.LentSegments;
import io.holdfast.protocol.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segments of one attempt's backup that an earlier backup has, and that are named to the manager instead of brought: a full
 * batch while the attempt goes on, the rest at its end. While one batch is on its way another one fills; then those who find more
 * wait. Any thread may ask it for segments. Closing it ends the call that is under way.
 */
public final class Borrowings implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Borrowings.class);

    private final ManagerClient manager;
    private final Attempt attempt;
    private final Duration patience;
    /** Calls are made by virtual threads: those can be interrupted. */
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

    private final StopSignal.Registration stopping;
    private volatile LentTable table = new LentTable(0);

    /** Held while the batch is changed, and while the one before has not arrived and there is no room. */
    private final ReentrantLock lock = new ReentrantLock();

    private final List<BorrowedSegments.Segment> batch = new ArrayList<>();
    private @Nullable Future<?> sending;

    /**
     * None, and nothing that could be borrowed.
     *
     * @param store says how long a manager that does not answer is asked again
     */
    public Borrowings(ManagerClient manager, StoreConnections store, Attempt attempt) {
        this.manager = manager;
        this.attempt = attempt;
        this.patience = store.patience().outage();
        this.stopping = attempt.stop().onStop(executor::shutdownNow);
    }

    /**
     * Learns what may be borrowed. When the manager does not say it, that is nothing: the backup costs more then, and is as good.
     * To be called before any segment is asked for.
     *
     * @throws IOException when the attempt is stopped, or no longer this agent's
     */
    public void learn(Assignment.Lender lender) throws IOException, InterruptedException {
        try {
            LentTable lent = await(start(() -> ask(lender)));
            LOG.info("{}: {} segments of {} can be borrowed", attempt.id(), lent.size(), lender.backupId());
            table = lent;
        } catch (IOException e) {
            attempt.stop().check();
            if (e instanceof ManagerException refused && refused.is(Refusal.FENCED)) {
                throw e;
            }
            LOG.warn(
                    "{}: nothing is borrowed of {}, all is brought: {}",
                    attempt.id(),
                    lender.backupId(),
                    e.getMessage());
        }
    }

    private LentTable ask(Assignment.Lender lender) throws IOException, InterruptedException {
        LentTable lent = new LentTable(lender.lines());
        for (long first = 0; first < lender.lines() && !lent.isFull(); first += LentSegments.MOST) {
            attempt.stop().check();
            int count = (int) Math.min(LentSegments.MOST, lender.lines() - first);
            LentSegments.Answer answer = manager.lent(
                    attempt.id().job(), new LentSegments(attempt.id().epoch(), first, count), patience);
            lent.add(first, page(answer, count));
        }
        return lent;
    }

    private static ByteBuffer page(LentSegments.Answer answer, int count) throws IOException {
        byte[] page;
        try {
            page = Base64.getDecoder().decode(answer.fingerprints());
        } catch (IllegalArgumentException e) {
            throw new IOException("the manager's answer is not in base64", e);
        }
        if (page.length != count * LentSegments.BYTES) {
            throw new IOException("the manager was asked for " + count + " lines and gave " + page.length + " bytes");
        }
        return ByteBuffer.wrap(page);
    }

    /** Whether a segment is borrowed; when it is, there is nothing more to do for it. */
    boolean borrow(String artifact, long position, Fingerprint fingerprint) throws IOException, InterruptedException {
        int line = table.line(fingerprint);
        if (line == LentTable.NONE) {
            return false;
        }
        note(new BorrowedSegments.Segment(artifact, position, line, fingerprint.hex()));
        return true;
    }

    private void note(BorrowedSegments.Segment segment) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            if (sending != null && sending.isDone()) {
                awaitLast();
            }
            batch.add(segment);
            if (batch.size() >= BorrowedSegments.MOST) {
                send();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Tells the manager the rest, and waits until it knows all. To be called once all segments were asked for. */
    public void finish() throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            if (!batch.isEmpty()) {
                send();
            }
            awaitLast();
        } finally {
            lock.unlock();
        }
    }

    private void send() throws IOException, InterruptedException {
        awaitLast();
        BorrowedSegments message = new BorrowedSegments(attempt.id().epoch(), batch);
        sending = start(() -> {
            manager.borrowed(attempt.id().job(), message, patience);
            return message;
        });
        batch.clear();
    }

    private void awaitLast() throws IOException, InterruptedException {
        if (sending != null) {
            try {
                await(sending);
            } catch (JobException | ManagerException | StopSignal.StoppedException e) {
                throw e;
            } catch (IOException e) {
                throw new JobException(
                        FailureCode.MANAGER_UNAVAILABLE,
                        "the manager could not be told which segments an earlier backup has: " + e.getMessage(),
                        "check the manager, and the way to it from the agent's machine",
                        e);
            }
        }
    }

    private <T> Future<T> start(Callable<T> call) throws IOException {
        try {
            return executor.submit(call);
        } catch (RejectedExecutionException e) {
            attempt.stop().check();
            throw new IOException("the backup is over", e);
        }
    }

    private static <T> T await(Future<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case InterruptedException failure -> throw failure;
                case null, default -> throw new IOException("an unexpected error: " + e.getCause(), e);
            }
        }
    }

    @Override
    public void close() {
        stopping.close();
        executor.shutdownNow();
    }
}
