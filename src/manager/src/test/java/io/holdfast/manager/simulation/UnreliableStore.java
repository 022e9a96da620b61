package io.holdfast.manager.simulation;

import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreAbilities;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A store that is slow, fails before or after it did what was asked, and lies. Before and after each effect others may
 * run: here the managers overlap.
 */
final class UnreliableStore implements Store {
    private final MemoryStore store;
    private final Damage damage;
    private final Coroutines coroutines;
    private final Chance chance;
    private final Trace trace;
    private final Sabotage sabotage;
    private Mood mood = Mood.GOOD;

    UnreliableStore(
            MemoryStore store, Damage damage, Coroutines coroutines, Chance chance, Trace trace, Sabotage sabotage) {
        this.sabotage = sabotage;
        this.store = store;
        this.damage = damage;
        this.coroutines = coroutines;
        this.chance = chance;
        this.trace = trace;
    }

    /** How the store is for a while: how many of a thousand calls fail, dawdle, or are answered with a lie. */
    enum Mood {
        GOOD(0, 0, 0),
        FLAKY(120, 60, 0),
        SLOW(10, 300, 0),
        LYING(20, 20, 120),
        STUBBORN(10, 250, 150),
        DOWN(1000, 0, 0);

        private final int fails;
        private final int dawdles;
        private final int lies;

        Mood(int fails, int dawdles, int lies) {
            this.fails = fails;
            this.dawdles = dawdles;
            this.lies = lies;
        }
    }

    void setMood(Mood wanted) {
        mood = wanted;
    }

    private <T> T call(String what, String key, Supplier<T> effect) {
        coroutines.preempt();
        if (chance.perMille(mood.dawdles)) {
            coroutines.sleep(chance.seconds(1, 200));
        }
        if (chance.perMille(mood.fails)) {
            throw failure(what, key);
        }
        T result = effect.get();
        trace.add("store", what + " " + key);
        coroutines.preempt();
        if (chance.perMille(mood.fails)) {
            throw failure(what, key);
        }
        return result;
    }

    private StoreException failure(String what, String key) {
        Kind kind = chance.perMille(900)
                ? Kind.PASSING
                : chance.oneOf(List.of(Kind.CORRUPT, Kind.DENIED, Kind.FULL, Kind.REFUSED));
        trace.add("store", what + " " + key + " fails: " + kind);
        return new StoreException(kind, "a fault of the simulation", null);
    }

    private void call(String what, String key, Runnable effect) {
        call(what, key, () -> {
            effect.run();
            return key;
        });
    }

    private boolean lies() {
        return chance.perMille(mood.lies);
    }

    @Override
    public StoreAbilities probe() {
        return call("probe", "", store::probe);
    }

    @Override
    public void put(String key, byte[] content) {
        call("put", key, () -> {
            store.put(key, content);
            damage.healed(key);
        });
    }

    @Override
    public void put(String key, Path file) {
        call("put", key, () -> {
            store.put(key, file);
            damage.healed(key);
        });
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content) {
        return call("put if absent", key, () -> {
            boolean written = store.putIfAbsent(key, content);
            if (written && lies()) {
                // What is written is looked at, so this has to be found before it counts.
                lie("cut", key, Optional.of(Arrays.copyOf(content, content.length / 2)));
            }
            return written;
        });
    }

    private void lie(String what, String key, Optional<byte[]> content) {
        trace.add("store", "LIES, " + what + ": " + key);
        store.damage(key, content);
        damage.spoiled(key);
    }

    @Override
    public Optional<byte[]> get(String key) {
        return call("get", key, () -> store.get(key));
    }

    @Override
    public InputStream read(String key, long offset, long length) {
        InputStream in = call("read", key, () -> store.read(key, offset, length));
        return chance.perMille(mood.fails) ? new Breaking(in, chance.below(500)) : in;
    }

    /** Breaks off after so many bytes. */
    private static final class Breaking extends InputStream {
        private final InputStream in;
        private int left;

        Breaking(InputStream in, int left) {
            this.in = in;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            if (left-- <= 0) {
                throw new IOException("a fault of the simulation");
            }
            return in.read();
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (left <= 0) {
                throw new IOException("a fault of the simulation");
            }
            int count = in.read(buffer, offset, Math.min(length, left));
            left -= Math.max(0, count);
            return count;
        }
    }

    @Override
    public Optional<StoredObject> head(String key) {
        return call("head", key, () -> store.head(key));
    }

    @Override
    public void list(String prefix, String after, Consumer<StoredObject> each) {
        List<StoredObject> found = call("list", prefix, () -> {
            List<StoredObject> all = new ArrayList<>();
            store.list(prefix, after, all::add);
            return shortened(all, StoredObject::key);
        });
        found.forEach(each);
    }

    @Override
    public List<String> folders(String prefix) {
        return call("folders", prefix, () -> shortened(store.folders(prefix), name -> prefix + name + "/"));
    }

    private <T> List<T> shortened(List<T> all, Function<T, String> key) {
        if (all.isEmpty() || !lies()) {
            return all;
        }
        int kept = chance.below(3) == 0 ? 0 : chance.below(all.size());
        List<T> left = new ArrayList<>(all);
        while (left.size() > kept) {
            damage.hidden(key.apply(left.remove(chance.below(left.size()))));
        }
        trace.add("store", "LIES, lists " + kept + " of " + all.size());
        return left;
    }

    @Override
    public void delete(String key) {
        call("delete", key, () -> store.delete(key));
    }

    @Override
    public SignedRequest signPut(String key, long size, String md5, Duration validFor) {
        return store.signPut(key, size, md5, validFor);
    }

    @Override
    public SignedRequest signRead(String key, Duration validFor) {
        return store.signRead(key, validFor);
    }

    /** Takes an object at a signed address, from an agent. */
    void send(URI address, byte[] content) {
        String key = MemoryStore.key(address);
        call("receive", key, () -> {
            store.send(address, content);
            damage.healed(key);
            if (sabotage == Sabotage.LIES_ARE_NOT_ADMITTED) {
                if (chance.perMille(300)) {
                    change(key);
                }
            } else if (lies()) {
                spoil(key);
            }
        });
    }

    /** Says that it has the object, and has not, or another. */
    private void spoil(String key) {
        byte[] content = store.get(key).orElseThrow();
        switch (chance.below(3)) {
            case 0 -> lie("loses it", key, Optional.empty());
            case 1 -> lie("cuts it", key, Optional.of(Arrays.copyOf(content, chance.below(content.length))));
            default -> {
                change(key);
                damage.changed(key);
            }
        }
    }

    private void change(String key) {
        byte[] content = store.get(key).orElseThrow();
        lie("changes it", key, Optional.of(flipped(content, chance.below(content.length))));
    }

    private static byte[] flipped(byte[] content, int place) {
        byte[] changed = content.clone();
        changed[place] ^= 1;
        return changed;
    }

    /** Something happens to an object that has lain there for a while. */
    void rot(String key) {
        byte[] content = store.get(key).orElseThrow();
        damage.changed(key);
        switch (chance.below(3)) {
            case 0 -> lie("lost later", key, Optional.empty());
            case 1 -> lie("cut later", key, Optional.of(Arrays.copyOf(content, chance.below(content.length))));
            default -> lie("changed later", key, Optional.of(flipped(content, chance.below(content.length))));
        }
    }

    @Override
    public Instant clock() {
        return call("clock", "", store::clock);
    }

    @Override
    public void close() {}
}
