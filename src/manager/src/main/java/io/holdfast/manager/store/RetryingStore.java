package io.holdfast.manager.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats calls to another store when that can help. The one place on the manager's side where this is decided: by
 * {@link StoreException.Kind#retryable}.
 *
 * <p>A call is repeated even if its answer may just have been lost. The contract makes that harmless.
 *
 * <p>A reader whose connection breaks goes on where it was, and so does a list. An interrupted thread does not wait: it gets the failure,
 * and stays interrupted.
 */
public final class RetryingStore implements Store {
    private static final Logger LOG = LoggerFactory.getLogger(RetryingStore.class);

    private final Store store;
    private final RetryPolicy policy;
    private final Sleeper sleeper;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;

    /**
     * Wraps a store.
     *
     * @param store closed with this one
     * @param nanoTime as {@link System#nanoTime}
     * @param random may be used by several threads at once
     */
    public RetryingStore(
            Store store, RetryPolicy policy, Sleeper sleeper, LongSupplier nanoTime, RandomGenerator random) {
        this.store = store;
        this.policy = policy;
        this.sleeper = sleeper;
        this.nanoTime = nanoTime;
        this.random = random;
    }

    /** Waits; as {@link Thread#sleep(Duration)}. */
    public interface Sleeper {
        void sleep(Duration time) throws InterruptedException;
    }

    @Override
    public StoreAbilities probe() {
        return retry("probe", store::probe);
    }

    @Override
    public void put(String key, byte[] content) {
        retry("put", () -> store.put(key, content));
    }

    @Override
    public void put(String key, Path file) {
        retry("put", () -> store.put(key, file));
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content) {
        return retry("putIfAbsent", () -> store.putIfAbsent(key, content));
    }

    @Override
    public Optional<byte[]> get(String key) {
        return retry("get", () -> store.get(key));
    }

    @Override
    public InputStream read(String key, long offset, long length) {
        return new ResumingStream(key, offset, length);
    }

    @Override
    public Optional<StoredObject> head(String key) {
        return retry("head", () -> store.head(key));
    }

    @Override
    public void list(String prefix, String after, Consumer<StoredObject> each) {
        new ResumingList(each, after).run(prefix);
    }

    @Override
    public List<String> folders(String prefix) {
        return retry("folders", () -> store.folders(prefix));
    }

    @Override
    public void delete(String key) {
        retry("delete", () -> store.delete(key));
    }

    @Override
    public SignedRequest signPut(String key, long size, String md5, Duration validFor) {
        return store.signPut(key, size, md5, validFor);
    }

    @Override
    public SignedRequest signRead(String key, Duration validFor) {
        return store.signRead(key, validFor);
    }

    @Override
    public Instant clock() {
        return retry("clock", store::clock);
    }

    @Override
    public void close() {
        store.close();
    }

    private void retry(String call, Runnable attempt) {
        retry(call, () -> {
            attempt.run();
            return call;
        });
    }

    private <T> T retry(String call, Supplier<T> attempt) {
        Attempts attempts = new Attempts(call);
        while (true) {
            try {
                return attempt.get();
            } catch (StoreException e) {
                attempts.failed(e);
            }
        }
    }

    /** The attempts of one call so far. */
    private final class Attempts {
        private final String call;
        private final long began = nanoTime.getAsLong();
        private int failures;

        Attempts(String call) {
            this.call = call;
        }

        /** Waits for the next attempt, or throws when there is none. */
        void failed(StoreException failure) {
            failures++;
            Duration pause = policy.pauseAfter(failures, random);
            Duration spent = Duration.ofNanos(nanoTime.getAsLong() - began);
            if (!failure.kind().retryable() || failures >= policy.attempts()) {
                throw failure;
            }
            if (spent.plus(pause).compareTo(policy.totalTime()) > 0) {
                LOG.warn("the store failed at {} for {} s, in {} attempts", call, spent.toSeconds(), failures);
                throw failure;
            }
            LOG.warn(
                    "the store failed at {}, attempt {}, again in {} ms and until {} s are over: {}",
                    call,
                    failures,
                    pause.toMillis(),
                    policy.totalTime().toSeconds(),
                    failure.getMessage());
            try {
                sleeper.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failure.addSuppressed(e);
                throw failure;
            }
        }
    }

    /** Lists on after the key where a list ended too early. Progress makes the attempts count anew. For one thread. */
    private final class ResumingList {
        private final Consumer<StoredObject> each;
        private String after;
        private @Nullable Attempts attempts;
        private boolean callerFails;

        ResumingList(Consumer<StoredObject> each, String after) {
            this.each = each;
            this.after = after;
        }

        void run(String prefix) {
            while (true) {
                try {
                    store.list(prefix, after, this::give);
                    return;
                } catch (StoreException e) {
                    if (callerFails) {
                        throw e;
                    }
                    if (attempts == null) {
                        attempts = new Attempts("list");
                    }
                    attempts.failed(e);
                }
            }
        }

        private void give(StoredObject object) {
            callerFails = true;
            each.accept(object);
            callerFails = false;
            after = object.key();
            attempts = null;
        }
    }

    /** Reads on at the byte where a connection broke. Progress makes the attempts count anew. For one thread. */
    private final class ResumingStream extends InputStream {
        private final String key;
        private final long offset;
        private final long length;
        private long done;
        private InputStream in;
        private @Nullable Attempts attempts;

        ResumingStream(String key, long offset, long length) {
            this.key = key;
            this.offset = offset;
            this.length = length;
            this.in = open();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int start, int count) throws IOException {
            while (true) {
                try {
                    int got = in.read(buffer, start, count);
                    if (got > 0) {
                        done += got;
                        attempts = null;
                    }
                    return got;
                } catch (IOException e) {
                    goOn(e);
                }
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }

        private void goOn(IOException failure) throws IOException {
            try {
                in.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
            try {
                failed(new StoreException(
                        StoreException.Kind.PASSING,
                        "reading " + key + " was interrupted: " + failure.getMessage(),
                        failure));
                in = open();
            } catch (StoreException e) {
                throw new IOException(e.getMessage(), e);
            }
        }

        private void failed(StoreException failure) {
            if (attempts == null) {
                attempts = new Attempts("read");
            }
            attempts.failed(failure);
        }

        private InputStream open() {
            while (true) {
                try {
                    return store.read(key, offset + done, length == Long.MAX_VALUE ? length : length - done);
                } catch (StoreException e) {
                    failed(e);
                }
            }
        }
    }
}
