package io.holdfast.manager.simulation;

import io.holdfast.manager.store.ExactStream;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreAbilities;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A store that does what it promises, in memory. What is signed is sent to {@link #send} and {@link #fetch}. */
final class MemoryStore implements Store {
    private final InstantSource clock;
    private final SortedMap<String, Stored> objects = new TreeMap<>();
    private Duration skew = Duration.ZERO;
    private final Map<String, Long> changes = new HashMap<>();
    private Watcher watcher = (key, before, after) -> {};

    MemoryStore(InstantSource clock) {
        this.clock = clock;
    }

    private static final class Stored {
        private final byte[] content;
        private final Instant lastModified;

        Stored(byte[] content, Instant lastModified) {
            this.content = content.clone();
            this.lastModified = lastModified;
        }
    }

    /** Sees every change that the store was asked for. */
    interface Watcher {
        void changes(String key, Optional<byte[]> before, Optional<byte[]> after);
    }

    void watch(Watcher by) {
        watcher = by;
    }

    void setSkew(Duration by) {
        skew = by;
    }

    /** Changes an object as no caller would; not told to the watcher. Empty: it is lost. */
    void damage(String key, Optional<byte[]> content) {
        changed(key);
        content.ifPresentOrElse(bytes -> objects.put(key, new Stored(bytes, clock())), () -> objects.remove(key));
    }

    private void changed(String key) {
        changes.merge(key.substring(0, key.lastIndexOf('/') + 1), 1L, Long::sum);
    }

    /** How often objects of a folder were changed, in whatever way. */
    long changesBelow(String folder) {
        return changes.getOrDefault(folder, 0L);
    }

    private void write(String key, byte[] content) {
        changed(key);
        watcher.changes(key, content(key), Optional.of(content));
        objects.put(key, new Stored(content, clock()));
    }

    private Optional<byte[]> content(String key) {
        return Optional.ofNullable(objects.get(key)).map(each -> each.content);
    }

    @Override
    public StoreAbilities probe() {
        return new StoreAbilities("memory", true, true, false, List.of());
    }

    @Override
    public void put(String key, byte[] content) {
        write(key, content);
    }

    @Override
    public void put(String key, Path file) {
        try {
            write(key, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content) {
        if (objects.containsKey(key)) {
            return false;
        }
        write(key, content);
        return true;
    }

    @Override
    public Optional<byte[]> get(String key) {
        return content(key).map(byte[]::clone);
    }

    @Override
    public InputStream read(String key, long offset, long length) {
        byte[] content = content(key).orElseThrow(() -> new StoreException(Kind.NOT_FOUND, "no " + key, null));
        if (offset > content.length) {
            throw new StoreException(Kind.REFUSED, "no such range of " + key, null);
        }
        long left = content.length - offset;
        // One that is shorter than what was asked for breaks off, as the contract wants it.
        return length == Long.MAX_VALUE
                ? new ByteArrayInputStream(content, (int) offset, (int) left)
                : new ExactStream(
                        new ByteArrayInputStream(content, (int) offset, (int) Math.min(left, length)), length);
    }

    @Override
    public Optional<StoredObject> head(String key) {
        return Optional.ofNullable(objects.get(key))
                .map(each -> new StoredObject(key, each.content.length, each.lastModified));
    }

    @Override
    public void list(String prefix, String after, Consumer<StoredObject> each) {
        List<StoredObject> found = new ArrayList<>();
        objects.forEach((key, stored) -> {
            if (key.startsWith(prefix) && key.compareTo(after) > 0) {
                found.add(new StoredObject(key, stored.content.length, stored.lastModified));
            }
        });
        found.forEach(each);
    }

    @Override
    public List<String> folders(String prefix) {
        return objects.keySet().stream()
                .filter(key -> key.startsWith(prefix) && key.indexOf('/', prefix.length()) > 0)
                .map(key -> key.substring(prefix.length(), key.indexOf('/', prefix.length())))
                .distinct()
                .toList();
    }

    @Override
    public void delete(String key) {
        if (objects.containsKey(key)) {
            watcher.changes(key, content(key), Optional.empty());
            changed(key);
            objects.remove(key);
        }
    }

    @Override
    public SignedRequest signPut(String key, long size, String md5, Duration validFor) {
        String hash = HexFormat.of().formatHex(Base64.getDecoder().decode(md5));
        long until = clock().plus(validFor).toEpochMilli();
        return new SignedRequest(
                "PUT", URI.create("memory://put/" + size + "/" + hash + "/" + until + "/" + key), Map.of());
    }

    /** The object that an address of {@link #signPut} is for. */
    static String key(URI address) {
        return address.getPath().substring(1).split("/", 4)[3];
    }

    /** Takes an object at an address of {@link #signPut}, and gives its ETag. */
    String send(URI address, byte[] content) {
        String[] said = address.getPath().substring(1).split("/", 4);
        String md5 = md5(content);
        if (content.length != Long.parseLong(said[0])
                || !md5.equals(said[1])
                || clock().toEpochMilli() > Long.parseLong(said[2])) {
            throw new StoreException(Kind.REFUSED, "403", null);
        }
        write(said[3], content);
        return md5;
    }

    @Override
    public SignedRequest signRead(String key, Duration validFor) {
        long until = clock().plus(validFor).toEpochMilli();
        return new SignedRequest("GET", URI.create("memory://store/" + until + "/" + key), Map.of());
    }

    /** Gives an object at a signed address. */
    byte[] fetch(URI address) {
        String[] said = address.getPath().substring(1).split("/", 2);
        if (clock().toEpochMilli() > Long.parseLong(said[0])) {
            throw new StoreException(Kind.REFUSED, "403", null);
        }
        return get(said[1]).orElseThrow(() -> new StoreException(Kind.NOT_FOUND, "404", null));
    }

    @Override
    public Instant clock() {
        return clock.instant().plus(skew);
    }

    @Override
    public void close() {}

    private static String md5(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
