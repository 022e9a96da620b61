package io.holdfast.manager.store.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.manager.store.Store.SignedRequest;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import io.holdfast.testbed.SmallDisk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is particular to the directory: its files, crashes, a full or missing disk, and its addresses. */
class DirectoryStoreTest {
    private static final String BASE = "https://manager.example:8444/store";
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int SIZE = 1000;

    @TempDir
    Path temporary;

    private Path root;
    private Instant now = Instant.parse("2026-11-22T10:00:00Z");
    private DirectoryStore store;

    @BeforeEach
    void open() throws IOException {
        root = temporary.resolve("store");
        store = newStore(root, "k".repeat(32));
    }

    @Test
    void objectsArePlainFilesAndNothingElseIsLeftBeside() throws IOException {
        store.put("v1/a/manifest.json", bytes("{}"));
        put("v1/a/app.00000.zst.age", random(2500));
        assertThat(Files.readAllBytes(root.resolve("v1/a/manifest.json"))).isEqualTo(bytes("{}"));
        assertThat(root.resolve("v1/a/app.00000.zst.age")).hasSize(2500);
        assertThat(hidden()).isEmpty();
    }

    @Test
    void deletingTheLastObjectOfAFolderClearsTheFolder() {
        store.put("v1/a/b/c", bytes("x"));
        store.put("v1/z", bytes("x"));
        store.delete("v1/a/b/c");
        assertThat(root.resolve("v1/a")).doesNotExist();
        assertThat(root.resolve("v1")).exists();
        store.delete("v1/z");
        assertThat(root.resolve("v1")).doesNotExist();
        assertThat(root).exists();
    }

    @Test
    void puttingAndDeletingAtOnceNeverFails() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> work = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                String key = "deep/er/" + thread;
                work.add(threads.submit(() -> {
                    for (int i = 0; i < 100; i++) {
                        store.put(key, bytes("x"));
                        store.list("");
                        store.delete(key);
                    }
                }));
            }
            for (Future<?> future : work) {
                future.get();
            }
        }
        assertThat(store.list("")).isEmpty();
    }

    @Test
    void keyThatIsAnotherKeysFolderIsRefused() {
        store.put("a/b", bytes("x"));
        assertFails(Kind.REFUSED, () -> store.put("a", bytes("x")));
        assertFails(Kind.REFUSED, () -> store.put("a/b/c", bytes("x")));
        assertFails(Kind.NOT_FOUND, () -> store.read("a", 0, 1));
        assertThat(store.head("a")).isEmpty();
        assertThat(store.get("a")).isEmpty();
        store.delete("a");
        assertThat(store.get("a/b")).hasValue(bytes("x"));
    }

    @Test
    void foreignFilesAreNotListed() throws IOException {
        store.put("a/b", bytes("x"));
        Files.writeString(root.resolve("a/.hidden"), "x");
        Files.writeString(root.resolve("a/with blank"), "x");
        Files.createSymbolicLink(root.resolve("a/link"), root.resolve("a/b"));
        assertThat(store.list("")).extracting(StoredObject::key).containsExactly("a/b");
    }

    @Test
    void dl07_missingDiskIsAFailureAndNotEmpty() throws IOException {
        store.put("a", bytes("x"));
        Files.move(root, root.resolveSibling("unmounted"));
        Files.createDirectory(root);
        assertFails(Kind.PASSING, () -> store.list(""));
        assertFails(Kind.PASSING, () -> store.head("a"));
        assertFails(Kind.PASSING, () -> store.get("a"));
        assertFails(Kind.PASSING, () -> store.delete("a"));
        assertFails(Kind.PASSING, () -> store.put("b", bytes("x")));
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void badBodyOfAnObjectLeavesNothingAndAGoodOneStays() throws IOException {
        byte[] good = random(3 * SIZE);
        SignedRequest address = store.signPut("a", good.length, md5(good), HOUR);
        for (int round = 0; round < 2; round++) {
            assertFails(
                    Kind.CORRUPT, () -> receive(address, good.length, new ByteArrayInputStream(random(good.length))));
            assertFails(
                    Kind.CORRUPT,
                    () -> receive(address, good.length, new ByteArrayInputStream(good, 0, good.length - 1)));
            assertFails(Kind.CORRUPT, () -> receive(address, good.length, new BreakingStream(good, 500)));
            assertFails(Kind.DENIED, () -> receive(address, good.length - 1, new ByteArrayInputStream(good)));
            assertThat(hidden()).isEmpty();
            if (round == 0) {
                assertThat(store.list("")).isEmpty();
                assertThat(receive(address, good.length, new ByteArrayInputStream(good)))
                        .isEqualTo(HexFormat.of().formatHex(Base64.getDecoder().decode(md5(good))));
            }
        }
        assertThat(Files.readAllBytes(root.resolve("a"))).isEqualTo(good);
    }

    @Test
    void senderOfTooMuchIsStoppedAtOnce() {
        byte[] good = random(SIZE);
        SignedRequest address = store.signPut("a", SIZE, md5(good), HOUR);
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        };
        assertFails(Kind.CORRUPT, () -> receive(address, SIZE, endless));
        assertFails(Kind.DENIED, () -> receive(address, SIZE + 1, endless));
        assertFails(Kind.DENIED, () -> receive(address, -1, endless));
        assertThat(store.list("")).isEmpty();
    }

    @Test
    void sameObjectFromManySendersAtOnceIsWhole() throws Exception {
        byte[] content = random(50 * SIZE);
        SignedRequest address = store.signPut("a/b", content.length, md5(content), HOUR);
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<String>> receipts = new ArrayList<>();
            for (int sender = 0; sender < 50; sender++) {
                receipts.add(threads.submit(() -> receive(address, content.length, new ByteArrayInputStream(content))));
                store.delete("a/b");
            }
            for (Future<String> receipt : receipts) {
                assertThat(receipt.get()).hasSize(32);
            }
        }
        put("a/b", content);
        assertThat(Files.readAllBytes(root.resolve("a/b"))).isEqualTo(content);
        assertThat(hidden()).isEmpty();
    }

    @Test
    void whatACrashLeftAsideIsRemovedOnceItIsOld() throws IOException {
        byte[] content = random(SIZE);
        Path old = root.resolve(".temporary/old");
        Path young = root.resolve(".temporary/young");
        Files.write(old, content);
        Files.write(young, content);
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        store = newStore(root, "k".repeat(32));
        assertThat(hidden()).containsExactly(young);
        assertThat(store.list("")).isEmpty();
    }

    @Test
    void addressesEndWithTheirTimeAndWithTheirKey() throws IOException {
        store.put("a", bytes("x"));
        SignedRequest address = store.signRead("a", HOUR);
        assertThat(address.uri().toString()).startsWith(BASE + "/a?");
        store.open("a", address.uri().getRawQuery(), null).close();
        now = now.plus(HOUR).minusSeconds(1);
        store.open("a", address.uri().getRawQuery(), null).close();
        DirectoryStore rekeyed = newStore(root, "l".repeat(32));
        assertFails(Kind.DENIED, () -> rekeyed.open("a", address.uri().getRawQuery(), null));
        now = now.plusSeconds(1);
        assertFails(Kind.DENIED, () -> store.open("a", address.uri().getRawQuery(), null));
    }

    @Test
    void queryThatWasTouchedAnywhereIsDenied() {
        store.put("a", bytes("x"));
        String query = store.signRead("a", HOUR).uri().getRawQuery();
        for (int i = 0; i < query.length(); i++) {
            char other = query.charAt(i) == '7' ? '8' : '7';
            String touched = query.substring(0, i) + other + query.substring(i + 1);
            assertFails(Kind.DENIED, () -> store.open("a", touched, null));
        }
        for (String other : List.of("", query + "&x=1", "x=1&" + query, query + query, "&signature=")) {
            assertFails(Kind.DENIED, () -> store.open("a", other, null));
        }
        for (String path : List.of("", "b", "../a", "./a", "a/", "/a", "%61", ".temporary/x", "a\u0000")) {
            assertFails(Kind.DENIED, () -> store.open(path, query, null));
        }
    }

    @Test
    void settingsAndStoreHideTheSigningKey() {
        DirectorySettings settings = settings(root, "canary-signing-key-0123456789abc");
        assertThat(settings.toString()).doesNotContain("canary");
        assertThat(store.probe().toString()).doesNotContain("kkkk");
    }

    @Test
    void mistakesInSettingsAreNamedTogether() {
        assertThatThrownBy(() -> new DirectorySettings(
                        Path.of("relative"), URI.create("https://h/store/"), new SecretKeySpec(new byte[3], "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("root", "base_uri", "signing key");
    }

    @Test
    void dl04_fullDiskIsSaidAndLeavesWhatWasThere() throws IOException {
        try (SmallDisk disk = SmallDisk.mount(temporary.resolve("small"), 256 * 1024)) {
            DirectoryStore small = newStore(disk.path(), "k".repeat(32));
            small.put("good", bytes("x"));
            byte[] big = random(400 * 1024);
            assertFails(Kind.FULL, () -> small.put("big", big));
            SignedRequest address = small.signPut("segment", big.length, md5(big), HOUR);
            assertFails(
                    Kind.FULL,
                    () -> small.receive(
                            "segment", address.uri().getRawQuery(), null, big.length, new ByteArrayInputStream(big)));
            Path file = Files.write(temporary.resolve("list"), big);
            assertFails(Kind.FULL, () -> small.put("list", file));
            assertThat(small.get("good")).hasValue(bytes("x"));
            assertThat(small.list("")).extracting(StoredObject::key).containsExactly("good");
            small.put("after", random(100 * 1024));
        }
    }

    private void put(String key, byte[] content) {
        receive(
                store.signPut(key, content.length, md5(content), HOUR),
                content.length,
                new ByteArrayInputStream(content));
    }

    private String receive(SignedRequest address, long length, InputStream body) {
        String path = address.uri()
                .toString()
                .substring(BASE.length() + 1, address.uri().toString().indexOf('?'));
        return store.receive(
                path, address.uri().getRawQuery(), address.headers().get("Content-MD5"), length, body);
    }

    private List<Path> hidden() throws IOException {
        try (Stream<Path> aside = Files.list(root.resolve(".temporary"))) {
            return aside.toList();
        }
    }

    private DirectoryStore newStore(Path folder, String secret) throws IOException {
        return new DirectoryStore(settings(folder, secret), (InstantSource) () -> now);
    }

    private static DirectorySettings settings(Path folder, String secret) {
        return new DirectorySettings(folder, URI.create(BASE), new SecretKeySpec(bytes(secret), "HmacSHA256"));
    }

    private static void assertFails(Kind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StoreException.class,
                        e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(System.nanoTime()).nextBytes(bytes);
        return bytes;
    }

    private static String md5(byte[] content) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** A body whose sender goes away. */
    private static final class BreakingStream extends InputStream {
        private final byte[] content;
        private final int breakAt;
        private int given;

        BreakingStream(byte[] content, int breakAt) {
            this.content = content;
            this.breakAt = breakAt;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (given == breakAt) {
                throw new IOException("connection reset");
            }
            int count = Math.min(length, breakAt - given);
            System.arraycopy(content, given, buffer, offset, count);
            given += count;
            return count;
        }
    }
}
