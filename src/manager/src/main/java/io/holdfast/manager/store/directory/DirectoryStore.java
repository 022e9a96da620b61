package io.holdfast.manager.store.directory;

import io.holdfast.manager.store.ExactStream;
import io.holdfast.manager.store.ObjectKeys;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreAbilities;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import io.holdfast.manager.store.directory.SignedAddresses.PutGrant;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@link Store} in a folder, and what a server needs to serve its signed addresses: {@link #receive} and
 * {@link #open(String, String, String)}.
 *
 * <p>One process uses a folder at a time. A key cannot also be the folder of another key. The store's clock is this
 * machine's.
 */
public final class DirectoryStore implements Store {
    /** The one kind of range that Holdfast asks for; others may be ignored (RFC 9110, section 14.2). */
    private static final Pattern RANGE = Pattern.compile("bytes=([0-9]{1,18})-([0-9]{0,18})");

    private final InstantSource clock;
    private final Path root;
    private final DurableFiles files;
    private final SignedAddresses addresses;

    /**
     * Opens or makes a store.
     *
     * @throws IOException when the folder cannot be made or used
     */
    public DirectoryStore(DirectorySettings settings, InstantSource clock) throws IOException {
        this.clock = clock;
        this.root = settings.root().normalize();
        Files.createDirectories(root);
        this.files = new DurableFiles(root);
        this.addresses = new SignedAddresses(settings.baseUri(), settings.signingKey(), clock);
    }

    @Override
    public StoreAbilities probe() {
        String key = "probe/" + UUID.randomUUID();
        byte[] content = "a throw-away object of the backup manager\n".getBytes(StandardCharsets.US_ASCII);
        try {
            if (!putIfAbsent(key, content) || putIfAbsent(key, content)) {
                throw new StoreException(
                        Kind.REFUSED, "the folder's file system does not support hard links correctly", null);
            }
        } finally {
            delete(key);
        }
        return new StoreAbilities(
                "directory " + root,
                true,
                true,
                false,
                List.of("Backups are on this machine's disk: if it is lost, they are lost."));
    }

    @Override
    public void put(String key, byte[] content) {
        Path target = path(key);
        checkSmall(key, content.length);
        write("put " + key, () -> {
            Path fresh = files.newPath();
            try {
                files.write(fresh, content);
                files.publish(fresh, target);
            } finally {
                Files.deleteIfExists(fresh);
            }
            return key;
        });
    }

    @Override
    public void put(String key, Path file) {
        Path target = path(key);
        try (InputStream in = Files.newInputStream(file)) {
            checkSize(key, Files.size(file));
            write("put " + key, () -> {
                Path fresh = files.newPath();
                try {
                    files.write(fresh, in);
                    files.publish(fresh, target);
                } finally {
                    Files.deleteIfExists(fresh);
                }
                return key;
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content) {
        Path target = path(key);
        checkSmall(key, content.length);
        return write("put " + key, () -> {
            Path fresh = files.newPath();
            try {
                files.write(fresh, content);
                return files.publishIfAbsent(fresh, target);
            } finally {
                Files.deleteIfExists(fresh);
            }
        });
    }

    @Override
    public Optional<byte[]> get(String key) {
        Path file = path(key);
        return call("read " + key, () -> {
            if (!Files.isRegularFile(file)) {
                checkRoot();
                return Optional.empty();
            }
            checkSmall(key, Files.size(file));
            try {
                return Optional.of(Files.readAllBytes(file));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public InputStream read(String key, long offset, long length) {
        return open(key, offset, length).content();
    }

    @Override
    public Optional<StoredObject> head(String key) {
        Path file = path(key);
        return call("look at " + key, () -> {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                if (attributes.isRegularFile()) {
                    return Optional.of(Listing.object(key, attributes));
                }
            } catch (NoSuchFileException e) {
                checkRoot();
            }
            return Optional.empty();
        });
    }

    @Override
    public void list(String prefix, String after, Consumer<StoredObject> each) {
        ObjectKeys.checkPrefix(prefix);
        checkRoot();
        call("list " + prefix, () -> {
            new Listing(root, after, each).walk(prefix);
            return prefix;
        });
        checkRoot();
    }

    @Override
    public List<String> folders(String prefix) {
        ObjectKeys.checkPrefix(prefix);
        return call("list the folders of " + prefix, () -> {
            checkRoot();
            try (Stream<Path> entries = Files.list(root.resolve(prefix))) {
                return entries.filter(Files::isDirectory)
                        .map(entry -> entry.getFileName().toString())
                        .filter(ObjectKeys::isKey)
                        .sorted()
                        .toList();
            } catch (NoSuchFileException e) {
                checkRoot();
                return List.of();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        });
    }

    @Override
    public void delete(String key) {
        Path file = path(key);
        call("delete " + key, () -> {
            checkRoot();
            files.delete(file);
            return key;
        });
    }

    @Override
    public SignedRequest signPut(String key, long size, String md5, Duration validFor) {
        ObjectKeys.check(key);
        checkSize(key, size);
        PutGrant grant = new PutGrant(key, size, md5);
        return new SignedRequest("PUT", addresses.forPut(grant, validFor), Map.of("Content-MD5", md5));
    }

    @Override
    public SignedRequest signRead(String key, Duration validFor) {
        return new SignedRequest("GET", addresses.forRead(ObjectKeys.check(key), validFor), Map.of());
    }

    @Override
    public Instant clock() {
        return clock.instant();
    }

    @Override
    public void close() {}

    /**
     * Demands an address of {@link #signPut}, before anything of its body is read.
     *
     * @throws StoreException {@code DENIED} (403)
     */
    public void requireSigned(String path, String query) {
        addresses.checkPut(path, query);
    }

    /**
     * Serves a {@code PUT} to an address of {@link #signPut}. Repeatable. Writes nothing that others see unless all is
     * right, and reads no more of the body than was signed and a byte.
     *
     * @param path the address' path below the base address, without the slash between them, not decoded
     * @param query the address' query, not decoded
     * @param contentMd5 the header of that name, if it was sent
     * @param contentLength the header of that name; -1 if it was not sent
     * @return the content's MD5 in lower-case hex: the answer's ETag, in double quotes there
     * @throws StoreException {@code DENIED} (403): not an address made here, expired, or for another size or MD5;
     *     {@code CORRUPT} (400): the body is not what was announced; {@code FULL} (507)
     */
    public String receive(
            String path, String query, @Nullable String contentMd5, long contentLength, InputStream body) {
        PutGrant grant = addresses.checkPut(path, query);
        if (contentLength != grant.size()) {
            throw new StoreException(Kind.DENIED, "the address is for content of another size", null);
        }
        if (contentMd5 != null && !contentMd5.equals(grant.md5())) {
            throw new StoreException(Kind.DENIED, "the address is for content with another MD5", null);
        }
        return write("receive " + path, () -> receive(grant, body));
    }

    private String receive(PutGrant grant, InputStream body) throws IOException {
        Path arriving = files.newPath();
        try {
            String md5 = ObjectBody.receive(body, arriving, grant.size(), grant.md5());
            files.force(arriving);
            files.publish(arriving, path(grant.key()));
            return md5;
        } finally {
            Files.deleteIfExists(arriving);
        }
    }

    /**
     * Serves a {@code GET} of an address of {@link #signRead}. The caller closes what it gets.
     *
     * @param path as with {@link #receive}
     * @param query as with {@link #receive}
     * @param range the Range header, if it was sent; other forms than {@code bytes=a-} and {@code bytes=a-b} are
     *     ignored, and the whole object is given
     * @throws StoreException {@code DENIED} (403); {@code NOT_FOUND} (404); {@code REFUSED} (416): the range begins
     *     behind the end
     */
    public SignedRead open(String path, String query, @Nullable String range) {
        addresses.checkRead(path, query);
        Matcher wanted = RANGE.matcher(range == null ? "" : range);
        if (!wanted.matches()) {
            return open(path, 0, Long.MAX_VALUE);
        }
        long first = Long.parseLong(wanted.group(1));
        long last = wanted.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(wanted.group(2));
        if (last < first) {
            return open(path, 0, Long.MAX_VALUE);
        }
        // What was promised in the answer's header is what there is, not what was asked for.
        long size = head(path).map(StoredObject::size).orElse(0L);
        SignedRead read = open(path, first, Math.min(last, Math.max(size, first + 1) - 1) - first + 1);
        return new SignedRead(read.content(), first, read.length(), read.total(), true);
    }

    private SignedRead open(String key, long offset, long length) {
        Path file = path(key);
        if (offset < 0 || length < 1) {
            throw new IllegalArgumentException("not a range: offset " + offset + ", length " + length);
        }
        return call("read " + key, () -> {
            if (Files.isDirectory(file)) {
                throw new NoSuchFileException(key);
            }
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            long size = channel.size();
            boolean whole = offset == 0 && length == Long.MAX_VALUE;
            if (offset >= size && !whole) {
                channel.close();
                throw new StoreException(Kind.REFUSED, "the range begins after the end of " + key, null);
            }
            channel.position(offset);
            long promised = length == Long.MAX_VALUE ? size - offset : length;
            return new SignedRead(
                    new ExactStream(Channels.newInputStream(channel), promised), offset, promised, size, false);
        });
    }

    private Path path(String key) {
        return root.resolve(ObjectKeys.check(key));
    }

    private static void checkSize(String key, long size) {
        if (size < 0 || size > MOST_OBJECT_BYTES) {
            throw new StoreException(
                    Kind.REFUSED, key + " cannot have " + size + " bytes: at most " + MOST_OBJECT_BYTES, null);
        }
    }

    private static void checkSmall(String key, long size) {
        if (size > SMALL_OBJECT_BYTES) {
            throw new StoreException(
                    Kind.REFUSED, key + " has more than " + SMALL_OBJECT_BYTES + " bytes: not a small object", null);
        }
    }

    /** A disk that is not mounted looks like a store without objects; the folder of files on their way is always in a real one. */
    private void checkRoot() {
        if (!files.isThere()) {
            throw new StoreException(
                    Kind.PASSING, "the store's folder " + root + " is not there (hint: is its disk mounted?)", null);
        }
    }

    private <T> T write(String action, Action<T> todo) {
        checkRoot();
        return call(action, todo);
    }

    private static <T> T call(String action, Action<T> todo) {
        try {
            return todo.run();
        } catch (IOException e) {
            throw FileFailures.translate(action, e);
        }
    }

    private interface Action<T> {
        T run() throws IOException;
    }
}
