package io.holdfast.manager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link Store} promises of objects, for every implementation. Each test works below a prefix of its own. */
abstract class StoreContract {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Random RANDOM = new Random(7);

    /** Where this test's objects lie. */
    final String folder = "test-" + UUID.randomUUID() + "/";

    /** The store to test. Several tests share it. */
    abstract Store store();

    /** What a client of the signed addresses trusts. */
    abstract SSLContext tls();

    /** How many objects a long list has: more than two pages of S3. */
    int manyObjects() {
        return 2_050;
    }

    SignedRequests client() {
        return new SignedRequests(tls());
    }

    @Test
    void whatIsPutIsReadAgain() {
        store().put(folder + "a/b.json", bytes("one"));
        assertThat(store().get(folder + "a/b.json")).hasValue(bytes("one"));
    }

    @Test
    void emptyObjectIsAnObject() throws IOException {
        store().put(folder + "empty", new byte[0]);
        assertThat(store().get(folder + "empty")).hasValue(new byte[0]);
        assertThat(store().head(folder + "empty").orElseThrow().size()).isZero();
        try (InputStream in = store().read(folder + "empty", 0, Long.MAX_VALUE)) {
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void putReplaces() {
        store().put(folder + "a", bytes("one"));
        store().put(folder + "a", bytes("three"));
        assertThat(store().get(folder + "a")).hasValue(bytes("three"));
    }

    @Test
    void absentObjectIsEmptyAndNoFailure() {
        assertThat(store().get(folder + "nothing")).isEmpty();
        assertThat(store().head(folder + "nothing")).isEmpty();
        assertFails(Kind.NOT_FOUND, () -> store().read(folder + "nothing", 0, Long.MAX_VALUE));
    }

    @Test
    void tooBigForASmallObjectIsRefused() {
        byte[] big = new byte[Store.SMALL_OBJECT_BYTES + 1];
        assertFails(Kind.REFUSED, () -> store().put(folder + "big", big));
        assertFails(Kind.REFUSED, () -> store().putIfAbsent(folder + "big", big));
        assertThat(store().head(folder + "big")).isEmpty();
    }

    @Test
    void fileOfAnySizeIsPutAndReplaces(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("file");
        for (int size : new int[] {Store.SMALL_OBJECT_BYTES + 4_000_001, 0, 1000}) {
            byte[] content = random(size);
            Files.write(file, content);
            store().put(folder + "a", file);
            assertThat(read(folder + "a", 0, Long.MAX_VALUE)).isEqualTo(content);
        }
        assertThat(store().list(folder)).hasSize(1);
        assertThat(file).hasSize(1000);
    }

    @Test
    void fileThatIsNotThereOrTooBigIsRefused(@TempDir Path directory) throws IOException {
        Path big = directory.resolve("big");
        try (RandomAccessFile sparse = new RandomAccessFile(big.toFile(), "rw")) {
            sparse.setLength(Store.MOST_OBJECT_BYTES + 1);
        }
        assertFails(Kind.REFUSED, () -> store().put(folder + "a", big));
        assertThatThrownBy(() -> store().put(folder + "a", directory.resolve("nothing")))
                .isInstanceOf(UncheckedIOException.class);
        assertThat(store().list(folder)).isEmpty();
    }

    @Test
    void putIfAbsentWritesOnce() {
        assertThat(store().putIfAbsent(folder + "manifest.json", bytes("first")))
                .isTrue();
        assertThat(store().putIfAbsent(folder + "manifest.json", bytes("second")))
                .isFalse();
        assertThat(store().get(folder + "manifest.json")).hasValue(bytes("first"));
    }

    @Test
    void ofRivalsOneWrites() throws Exception {
        // Not every store can; all that are tested here do.
        assertThat(store().probe().conditionalPut()).isTrue();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 10; round++) {
                String key = folder + "rivals-" + round;
                CountDownLatch start = new CountDownLatch(1);
                List<Future<Boolean>> results = new ArrayList<>();
                for (int rival = 0; rival < 4; rival++) {
                    byte[] mine = bytes("rival " + rival);
                    Callable<Boolean> put = () -> {
                        start.await();
                        return putIfAbsentUntilTold(key, mine);
                    };
                    results.add(threads.submit(put));
                }
                start.countDown();
                List<Integer> winners = new ArrayList<>();
                for (int rival = 0; rival < 4; rival++) {
                    if (results.get(rival).get()) {
                        winners.add(rival);
                    }
                }
                assertThat(winners).hasSize(1);
                assertThat(store().get(key)).hasValue(bytes("rival " + winners.getFirst()));
            }
        }
    }

    @Test
    void rangesAreReadExactly() throws IOException {
        byte[] content = random(100_000);
        store().put(folder + "a", content);
        assertThat(read(folder + "a", 0, Long.MAX_VALUE)).isEqualTo(content);
        assertThat(read(folder + "a", 99_999, Long.MAX_VALUE)).isEqualTo(Arrays.copyOfRange(content, 99_999, 100_000));
        assertThat(read(folder + "a", 0, 1)).isEqualTo(Arrays.copyOf(content, 1));
        assertThat(read(folder + "a", 500, 70_000)).isEqualTo(Arrays.copyOfRange(content, 500, 70_500));
    }

    @Test
    void rangeThatBeginsBehindTheEndIsRefused() {
        store().put(folder + "a", bytes("12345"));
        assertFails(Kind.REFUSED, () -> store().read(folder + "a", 5, 1));
        assertFails(Kind.REFUSED, () -> store().read(folder + "a", 9, Long.MAX_VALUE));
    }

    @Test
    void readThatEndsEarlyThrows() throws IOException {
        store().put(folder + "a", bytes("12345"));
        try (InputStream in = store().read(folder + "a", 2, 10)) {
            assertThat(in.readNBytes(3)).isEqualTo(bytes("345"));
            assertThatThrownBy(in::read).isInstanceOf(IOException.class);
        }
    }

    @Test
    void readerMayLeaveEarly() throws IOException {
        store().put(folder + "a", random(3_000_000));
        for (int i = 0; i < 5; i++) {
            try (InputStream in = store().read(folder + "a", 0, Long.MAX_VALUE)) {
                assertThat(in.readNBytes(10)).hasSize(10);
            }
        }
    }

    @Test
    void headTellsSizeAndTime() {
        store().put(folder + "a", bytes("12345"));
        StoredObject object = store().head(folder + "a").orElseThrow();
        assertThat(object.key()).isEqualTo(folder + "a");
        assertThat(object.size()).isEqualTo(5);
        assertThat(object.lastModified()).isCloseTo(store().clock(), within(2, ChronoUnit.MINUTES));
    }

    @Test
    void clockIsTheStores() {
        assertThat(store().clock()).isCloseTo(Instant.now(), within(2, ChronoUnit.MINUTES));
    }

    @Test
    void listIsCompleteInOrderAndOfThePrefixOnly() {
        for (String name : List.of("b/2", "b/10", "b/1", "a", "bb/1", "b/c/d/e")) {
            store().put(folder + name, bytes(name));
        }
        assertThat(store().list(folder + "b/"))
                .extracting(StoredObject::key)
                .containsExactly(folder + "b/1", folder + "b/10", folder + "b/2", folder + "b/c/d/e");
        assertThat(store().list(folder)).hasSize(6);
        assertThat(store().list("")).extracting(StoredObject::key).contains(folder + "a", folder + "b/c/d/e");
        assertThat(store().list(folder + "none/")).isEmpty();
        assertThat(store().list(folder + "b/"))
                .filteredOn(object -> object.key().equals(folder + "b/10"))
                .extracting(StoredObject::size)
                .containsExactly(4L);
    }

    @Test
    void listOfThousandsIsCompleteInOrder() throws Exception {
        // More than a page of S3 has, in the order of keys, in which '-' and '.' come before '/'.
        List<String> keys = IntStream.range(0, manyObjects())
                .mapToObj(i -> folder + "s/%s%05d".formatted(i % 3 == 0 ? "b/" : i % 3 == 1 ? "b-" : "b.", i))
                .toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> puts = new ArrayList<>();
            keys.forEach(key -> puts.add(threads.submit(() -> store().put(key, bytes("x")))));
            for (Future<?> put : puts) {
                put.get();
            }
        }
        List<String> sorted = keys.stream().sorted().toList();
        assertThat(store().list(folder)).extracting(StoredObject::key).containsExactlyElementsOf(sorted);
        List<String> given = new ArrayList<>();
        store().list(folder + "s/", object -> given.add(object.key()));
        assertThat(given).containsExactlyElementsOf(sorted);

        for (int place : new int[] {0, 998, 999, 1000, sorted.size() / 2, sorted.size() - 1}) {
            List<String> rest = new ArrayList<>();
            store().list(folder, sorted.get(place), object -> rest.add(object.key()));
            assertThat(rest).containsExactlyElementsOf(sorted.subList(place + 1, sorted.size()));
        }
        List<String> fromFolder = new ArrayList<>();
        store().list(folder, folder + "s/b", object -> fromFolder.add(object.key()));
        assertThat(fromFolder).containsExactlyElementsOf(sorted);

        // Whoever is given an object may delete it.
        store().list(folder, object -> store().delete(object.key()));
        assertThat(store().list(folder)).isEmpty();
    }

    @Test
    void whatTheReceiverOfAListThrowsEndsIt() {
        store().put(folder + "a", bytes("x"));
        store().put(folder + "b", bytes("x"));
        for (RuntimeException failure :
                List.of(new IllegalStateException("mine"), new StoreException(Kind.PASSING, "of another call", null))) {
            List<String> given = new ArrayList<>();
            assertThatThrownBy(() -> store().list(folder, object -> {
                        given.add(object.key());
                        throw failure;
                    }))
                    .isSameAs(failure);
            assertThat(given).containsExactly(folder + "a");
        }
    }

    @Test
    void foldersAreCompleteInOrderAndOfThePrefixOnly() {
        for (String name : List.of("b/2/x", "b/10/x", "b/10/y", "b/1", "a", "b-b/1", "c/c/d/e")) {
            store().put(folder + name, bytes(name));
        }
        assertThat(store().folders(folder)).containsExactly("b", "b-b", "c");
        assertThat(store().folders(folder + "b/")).containsExactly("10", "2");
        assertThat(store().folders(folder + "b/10/")).isEmpty();
        assertThat(store().folders(folder + "none/")).isEmpty();
        assertThat(store().folders("")).contains(folder.substring(0, folder.length() - 1));
    }

    @Test
    void deleteIsRepeatable() {
        store().put(folder + "x/a", bytes("a"));
        store().put(folder + "x/b", bytes("b"));
        store().delete(folder + "x/a");
        store().delete(folder + "x/a");
        assertThat(store().list(folder + "x/")).extracting(StoredObject::key).containsExactly(folder + "x/b");
        store().delete(folder + "x/b");
        store().put(folder + "x/a", bytes("again"));
        assertThat(store().get(folder + "x/a")).hasValue(bytes("again"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/a",
                "a/",
                "a//b",
                ".",
                "..",
                "a/../b",
                "../a",
                "a/./b",
                "a b",
                "a\\b",
                "a%2fb",
                "a\u0000b",
                "a\nb",
                "ä",
                "a?b",
                "a#b",
                ".uploads/a",
                "a/.hidden",
                "C:",
                "~"
            })
    void keysWithTricksAreRefused(String key) {
        assertThatThrownBy(() -> store().put(key, bytes("x"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().put(key, Path.of("/dev/null"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().putIfAbsent(key, bytes("x"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().get(key)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().read(key, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().head(key)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().delete(key)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().signRead(key, HOUR)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().signPut(key, 1, md5(bytes("x")), HOUR))
                .isInstanceOf(IllegalArgumentException.class);
        if (!key.isEmpty() && !key.equals("a/")) {
            assertThatThrownBy(() -> store().list(key)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store().folders(key)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void probeSaysWhatTheStoreDoesAndLeavesNothingBehind() {
        StoreAbilities abilities = store().probe();
        assertThat(abilities.description()).isNotBlank();
        assertThat(abilities.checksMd5()).isTrue();
        assertThat(store().list("probe/")).isEmpty();
    }

    byte[] read(String key, long offset, long length) throws IOException {
        try (InputStream in = store().read(key, offset, length)) {
            return in.readAllBytes();
        }
    }

    /** Some stores answer a race with "conflict, try again"; who tries again is told. */
    private boolean putIfAbsentUntilTold(String key, byte[] content) {
        while (true) {
            try {
                return store().putIfAbsent(key, content);
            } catch (StoreException e) {
                if (e.kind() != Kind.PASSING) {
                    throw e;
                }
            }
        }
    }

    static void assertFails(Kind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StoreException.class,
                        e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] random(int size) {
        byte[] bytes = new byte[size];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private static byte[] digest(byte[] content) {
        try {
            return MessageDigest.getInstance("MD5").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static String md5(byte[] content) {
        return Base64.getEncoder().encodeToString(digest(content));
    }

    static String md5Hex(byte[] content) {
        return HexFormat.of().formatHex(digest(content));
    }
}
