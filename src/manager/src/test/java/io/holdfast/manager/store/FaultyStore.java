package io.holdfast.manager.store;

import io.holdfast.manager.store.StoreException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Fails on demand in front of another store: for what the manager must survive. Faults wait in a row for each kind of
 * call and are used up one by one. Any thread may use it.
 */
public final class FaultyStore implements Store {
    private final Store store;
    private final Set<String> archived = ConcurrentHashMap.newKeySet();
    private final Map<Call, List<Fault>> faults = new EnumMap<>(Call.class);
    private final Map<Call, Integer> calls = new EnumMap<>(Call.class);

    public FaultyStore(Store store) {
        this.store = store;
    }

    /** The calls that can fail. */
    public enum Call {
        PROBE,
        PUT,
        PUT_IF_ABSENT,
        GET,
        READ,
        HEAD,
        LIST,
        DELETE,
        CLOCK
    }

    /** What happens to one call. */
    public sealed interface Fault {
        /** Nothing: for a fault at a later call. */
        record None() implements Fault {}

        /** It fails, and nothing was done. */
        record Fails(Kind kind) implements Fault {}

        /** It is done, but the caller gets a failure. */
        record LosesAnswer() implements Fault {}

        /** A list lacks its end, and says nothing of it. */
        record DropsFromList(int count) implements Fault {}

        /** A list fails after so many of its objects were given. */
        record CutsList(int afterObjects) implements Fault {}

        /** What is read breaks off after so many bytes. */
        record CutsRead(long afterBytes) implements Fault {}

        /** It is done, and says so, but the object has only its first bytes. Small objects only. */
        record Truncates(int toBytes) implements Fault {}

        /** It is done after a while. */
        record Slow(Duration delay) implements Fault {}
    }

    /** Adds faults for the next calls of a kind. */
    public synchronized FaultyStore next(Call call, Fault... more) {
        faults.computeIfAbsent(call, c -> new ArrayList<>()).addAll(Arrays.asList(more));
        return this;
    }

    /** How often a kind of call was made, failed ones included. */
    public synchronized int calls(Call call) {
        return calls.getOrDefault(call, 0);
    }

    @Override
    public StoreAbilities probe() {
        return call(Call.PROBE, "", store::probe);
    }

    @Override
    public void put(String key, byte[] content) {
        call(Call.PUT, key, () -> {
            store.put(key, content);
            return key;
        });
    }

    @Override
    public void put(String key, Path file) {
        call(Call.PUT, key, () -> {
            store.put(key, file);
            return key;
        });
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content) {
        return call(Call.PUT_IF_ABSENT, key, () -> store.putIfAbsent(key, content));
    }

    @Override
    public Optional<byte[]> get(String key) {
        return call(Call.GET, key, () -> store.get(key));
    }

    @Override
    public InputStream read(String key, long offset, long length) {
        return call(Call.READ, key, () -> store.read(key, offset, length));
    }

    @Override
    public Optional<StoredObject> head(String key) {
        return call(Call.HEAD, key, () -> store.head(key));
    }

    @Override
    public void list(String prefix, String after, Consumer<StoredObject> each) {
        List<StoredObject> found = call(Call.LIST, prefix, () -> listed(prefix, after));
        found.forEach(each);
    }

    private List<StoredObject> listed(String prefix, String after) {
        List<StoredObject> found = new ArrayList<>();
        store.list(prefix, after, each -> found.add(archived.contains(each.key()) ? inArchive(each) : each));
        return found;
    }

    private static StoredObject inArchive(StoredObject object) {
        return new StoredObject(object.key(), object.size(), object.lastModified(), object.md5(), true);
    }

    /** From now on an object is in an archive, as a rule of the bucket may have it. */
    public void archive(String key) {
        archived.add(key);
    }

    @Override
    public List<String> folders(String prefix) {
        return call(Call.LIST, prefix, () -> store.folders(prefix));
    }

    @Override
    public void delete(String key) {
        call(Call.DELETE, key, () -> {
            store.delete(key);
            return key;
        });
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
        return call(Call.CLOCK, "", store::clock);
    }

    @Override
    public void close() {
        store.close();
    }

    private synchronized Fault take(Call call) {
        calls.merge(call, 1, Integer::sum);
        List<Fault> waiting = faults.get(call);
        return waiting == null || waiting.isEmpty() ? new Fault.None() : waiting.removeFirst();
    }

    private <T> T call(Call call, String key, Supplier<T> todo) {
        return switch (take(call)) {
            case Fault.None() -> todo.get();
            case Fault.Fails(Kind kind) -> throw new StoreException(kind, call + " fails on demand", null);
            case Fault.LosesAnswer() -> {
                var _ = todo.get();
                throw new StoreException(Kind.PASSING, call + " loses its answer on demand", null);
            }
            case Fault.DropsFromList(int count) -> shortened(todo.get(), count);
            case Fault.CutsList(int afterObjects) -> cutList(todo.get(), afterObjects);
            case Fault.CutsRead(long afterBytes) -> cut(todo.get(), afterBytes);
            case Fault.Truncates(int toBytes) -> {
                T result = todo.get();
                byte[] content = store.get(key).orElseThrow();
                store.put(key, Arrays.copyOf(content, Math.min(toBytes, content.length)));
                yield result;
            }
            case Fault.Slow(Duration delay) -> {
                pause(delay);
                yield todo.get();
            }
        };
    }

    @SuppressWarnings("unchecked") // a list shortened is a list of the same type
    private static <T> T shortened(T result, int count) {
        if (result instanceof List<?> list) {
            return (T) list.subList(0, Math.max(0, list.size() - count));
        }
        throw new IllegalStateException("this call gives no list");
    }

    @SuppressWarnings("unchecked") // a list cut is a list of the same type
    private static <T> T cutList(T result, int count) {
        if (result instanceof List<?> list) {
            return (T) new AbstractList<Object>() {
                @Override
                public Object get(int index) {
                    if (index >= count) {
                        throw new StoreException(Kind.PASSING, "cut on demand", null);
                    }
                    return list.get(index);
                }

                @Override
                public int size() {
                    return list.size();
                }
            };
        }
        throw new IllegalStateException("this call gives no list");
    }

    @SuppressWarnings("unchecked") // a stream cut is a stream
    private static <T> T cut(T result, long afterBytes) {
        if (result instanceof InputStream in) {
            return (T) new CutStream(in, afterBytes);
        }
        throw new IllegalStateException("this call gives no stream");
    }

    private static void pause(Duration delay) {
        try {
            Thread.sleep(delay);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Breaks off. */
    private static final class CutStream extends InputStream {
        private final InputStream in;
        private long left;

        CutStream(InputStream in, long left) {
            this.in = in;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (left == 0) {
                throw new EOFException("cut on demand");
            }
            int count = in.read(buffer, offset, (int) Math.min(length, left));
            left -= Math.max(0, count);
            return count;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
