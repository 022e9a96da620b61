package io.holdfast.agent.transfer;

import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.manager.ManagerClient;
import io.holdfast.agent.manager.ManagerException;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.SegmentDownloads;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/**
 * The list of a backup's segments as the manager gives it for a restore: in pages, with addresses and keys. While one page is
 * used the next is on its way. May be used by any thread.
 */
final class DownloadPages implements AutoCloseable {
    /** About 300 KB of memory for each page. */
    static final int LINES = 256;

    /** How many pages are kept: of two artifacts that are read at the same time, two each. */
    private static final int KEPT = 4;

    /** Addresses are valid for longer, but they have to be used yet. */
    private static final Duration FRESH = Duration.ofMinutes(5);

    private final ManagerClient manager;
    private final Attempt attempt;
    private final Duration patience;
    private final long lines;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final StopSignal.Registration stopping;
    private final Map<Long, Page> pages = new LinkedHashMap<>(KEPT, 0.75f, true);

    private record Page(long askedAt, Future<SegmentDownloads.Answer> answer) {
        boolean usable() {
            return answer.state() != Future.State.FAILED && System.nanoTime() - askedAt < FRESH.toNanos();
        }
    }

    /**
     * None yet.
     *
     * @param patience how long a manager that does not answer is asked again
     * @param lines how many the list has
     */
    DownloadPages(ManagerClient manager, Attempt attempt, Duration patience, long lines) {
        this.manager = manager;
        this.attempt = attempt;
        this.patience = patience;
        this.lines = lines;
        this.stopping = attempt.stop().onStop(executor::shutdownNow);
    }

    /** The page that a line is in; waits for it. */
    SegmentDownloads.Answer pageOf(long line) throws IOException, InterruptedException {
        try {
            return started(line / LINES).get();
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case JobException failure -> failure;
                case ManagerException failure -> failure;
                case IOException failure -> unavailable(failure);
                case null, default -> new IOException("the addresses of segments could not be asked for", e);
            };
        } catch (RejectedExecutionException e) {
            attempt.stop().check();
            throw new IOException("the restore is over", e);
        }
    }

    /** One line, as the manager gives it now, unless its page was asked for only just. */
    SegmentDownloads.Segment segment(long line) throws IOException, InterruptedException {
        return pageOf(line).segments().get((int) (line % LINES));
    }

    /** One line with a new address. */
    SegmentDownloads.Segment again(long line) throws IOException, InterruptedException {
        try {
            return ask(line, 1).segments().getFirst();
        } catch (JobException | ManagerException e) {
            throw e;
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    private static JobException unavailable(IOException failure) {
        return new JobException(
                FailureCode.MANAGER_UNAVAILABLE,
                "the manager gave no addresses to read segments from: " + failure.getMessage(),
                "check the manager, and the way to it from the agent's machine",
                failure);
    }

    private synchronized Future<SegmentDownloads.Answer> started(long number) {
        Page page = start(number);
        if ((number + 1) * LINES < lines) {
            start(number + 1);
        }
        while (pages.size() > KEPT) {
            pages.remove(pages.keySet().iterator().next());
        }
        return page.answer;
    }

    private Page start(long number) {
        Page page = pages.get(number);
        if (page == null || !page.usable()) {
            long first = number * LINES;
            int count = (int) Math.min(LINES, lines - first);
            page = new Page(System.nanoTime(), executor.submit(() -> ask(first, count)));
            pages.put(number, page);
        }
        return page;
    }

    private SegmentDownloads.Answer ask(long first, int count) throws IOException, InterruptedException {
        SegmentDownloads.Answer answer = manager.downloads(
                attempt.id().job(), new SegmentDownloads(attempt.id().epoch(), first, count), patience);
        if (answer.segments().size() != count) {
            throw new IOException("it was asked for " + count + " and gave "
                    + answer.segments().size());
        }
        return answer;
    }

    @Override
    public void close() {
        stopping.close();
        executor.shutdownNow();
    }
}
