package io.holdfast.manager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.holdfast.manager.store.SignedRequests.Answer;
import io.holdfast.manager.store.Store.OpenUpload;
import io.holdfast.manager.store.Store.Part;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link Store} promises, for every implementation. Each test works below a prefix of its own. */
abstract class StoreContract {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Random RANDOM = new Random(7);

    /** Where this test's objects lie. */
    final String folder = "test-" + UUID.randomUUID() + "/";

    /** The store to test. Several tests share it. */
    abstract Store store();

    /** What a client of the signed addresses trusts. */
    abstract SSLContext tls();

    /** The size of every part but the last: at least 5 MiB with S3. */
    abstract int partBytes();

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
        assertThatThrownBy(() -> store().putIfAbsent(key, bytes("x"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().get(key)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().read(key, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().head(key)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().delete(key)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().createUpload(key)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().signRead(key, HOUR)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().signPart(key, "id", 1, 1, md5(bytes("x")), HOUR))
                .isInstanceOf(IllegalArgumentException.class);
        if (!key.isEmpty() && !key.equals("a/")) {
            assertThatThrownBy(() -> store().list(key)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store().openUploads(key)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void partsBecomeTheObject() throws IOException {
        String key = folder + "app.00000.zst.age";
        byte[] content = random(2 * partBytes() + 12_345);
        String upload = store().createUpload(key);
        assertThat(store().head(key)).isEmpty();
        List<Part> parts = upload(key, upload, content);
        assertThat(store().head(key)).isEmpty();
        store().completeUpload(key, upload, parts);
        assertThat(store().head(key).orElseThrow().size()).isEqualTo(content.length);
        assertThat(read(key, 0, Long.MAX_VALUE)).isEqualTo(content);
        assertThat(store().openUploads(folder)).isEmpty();
        assertThat(store().list(folder)).extracting(StoredObject::key).containsExactly(key);
    }

    @Test
    void partsMayArriveInAnyOrderAndAgain() throws IOException {
        String key = folder + "a";
        byte[] content = random(2 * partBytes() + 1);
        String upload = store().createUpload(key);
        Part third = upload(key, upload, 3, Arrays.copyOfRange(content, 2 * partBytes(), content.length));
        Part first = upload(key, upload, 1, Arrays.copyOf(content, partBytes()));
        upload(key, upload, 2, random(partBytes()));
        Part second = upload(key, upload, 2, Arrays.copyOfRange(content, partBytes(), 2 * partBytes()));
        store().completeUpload(key, upload, List.of(first, second, third));
        assertThat(read(key, 0, Long.MAX_VALUE)).isEqualTo(content);
    }

    @Test
    void completeIsRepeatable() throws IOException {
        String key = folder + "a";
        byte[] content = random(1000);
        String upload = store().createUpload(key);
        List<Part> parts = upload(key, upload, content);
        store().completeUpload(key, upload, parts);
        store().completeUpload(key, upload, parts);
        assertThat(read(key, 0, Long.MAX_VALUE)).isEqualTo(content);
    }

    @Test
    void completeOfAnUploadThatIsGoneSaysSo() throws IOException {
        String key = folder + "a";
        String upload = store().createUpload(key);
        List<Part> parts = upload(key, upload, random(1000));
        store().abortUpload(key, upload);
        assertFails(Kind.UPLOAD_GONE, () -> store().completeUpload(key, upload, parts));
        store().put(key, random(999));
        assertFails(Kind.UPLOAD_GONE, () -> store().completeUpload(key, upload, parts));
    }

    @Test
    void completeWithPartsThatDidNotArriveIsRefused() throws IOException {
        String key = folder + "a";
        String upload = store().createUpload(key);
        byte[] content = random(partBytes());
        Part first = upload(key, upload, 1, content);
        assertFails(
                Kind.REFUSED, () -> store().completeUpload(key, upload, List.of(first, new Part(2, 10, first.etag()))));
        assertFails(
                Kind.REFUSED,
                () -> store().completeUpload(
                                key, upload, List.of(new Part(1, partBytes(), "00000000000000000000000000000000"))));
        assertFails(Kind.REFUSED, () -> store().completeUpload(key, upload, List.of()));
        assertThat(store().head(key)).isEmpty();
        store().abortUpload(key, upload);
    }

    @Test
    void dl15_abortIsRepeatableAndFreesTheUpload() throws IOException {
        String key = folder + "a";
        String upload = store().createUpload(key);
        upload(key, upload, 1, random(partBytes()));
        store().abortUpload(key, upload);
        store().abortUpload(key, upload);
        assertThat(store().openUploads(folder)).isEmpty();
        assertFails(
                Kind.UPLOAD_GONE,
                () -> store().completeUpload(key, upload, List.of(new Part(1, 10, md5Hex(bytes("x"))))));
        assertThat(store().head(key)).isEmpty();
    }

    @Test
    void dl15_uploadsThatNobodyFinishedAreFound() throws IOException {
        String orphaned = store().createUpload(folder + "x/orphan");
        upload(folder + "x/orphan", orphaned, 1, random(100));
        String empty = store().createUpload(folder + "x/orphan");
        String other = store().createUpload(folder + "y/other");

        List<OpenUpload> found = store().openUploads(folder + "x/");
        assertThat(found)
                .extracting(OpenUpload::uploadId)
                .contains(orphaned, empty)
                .doesNotContain(other);
        assertThat(found).allSatisfy(upload -> {
            assertThat(upload.key()).isEqualTo(folder + "x/orphan");
            assertThat(upload.initiated()).isCloseTo(store().clock(), within(2, ChronoUnit.MINUTES));
        });
        assertThat(store().openUploads("")).extracting(OpenUpload::uploadId).contains(orphaned, empty, other);

        store().openUploads(folder).forEach(upload -> store().abortUpload(upload.key(), upload.uploadId()));
        assertThat(store().openUploads(folder)).isEmpty();
    }

    @Test
    void partAddressTakesExactlyTheBytesThatWereSigned() throws IOException {
        String key = folder + "a";
        String upload = store().createUpload(key);
        byte[] signed = random(5000);
        var address = store().signPart(key, upload, 1, signed.length, md5(signed), HOUR);

        byte[] other = random(5000);
        assertThat(client().put(address, other).status()).isEqualTo(400);
        assertThat(client().put(address, Arrays.copyOf(signed, 4999)).status()).isEqualTo(403);
        assertThat(client().put(address, Arrays.copyOf(signed, 5001)).status()).isEqualTo(403);
        // With headers that fit the other bytes, the signature does not fit any more.
        assertThat(client().put(address, Map.of("Content-MD5", md5(other)), other)
                        .status())
                .isEqualTo(403);
        Answer answer = client().put(address, signed);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.etag().replace("\"", "")).isEqualTo(md5Hex(signed));
        store().completeUpload(key, upload, List.of(new Part(1, 5000, answer.etag())));
        assertThat(read(key, 0, Long.MAX_VALUE)).isEqualTo(signed);
    }

    @Test
    void addressIsGoodForOnePurposeOnly() throws IOException {
        String key = folder + "a";
        store().put(key, bytes("there"));
        String upload = store().createUpload(key);
        byte[] part = random(100);
        var address = store().signPart(key, upload, 1, part.length, md5(part), HOUR);
        String uri = address.uri().toString();
        for (String changed : List.of(
                uri.replaceFirst("(?i)partNumber=1|part=1", "partNumber=2"),
                uri.replaceFirst("(?i)partNumber=1|part=1", "part=2"),
                uri.replace("/a?", "/b?"),
                uri.substring(0, uri.length() - 1) + (uri.endsWith("0") ? "1" : "0"),
                uri.substring(0, uri.indexOf('?')))) {
            var tampered = new Store.SignedRequest("PUT", URI.create(changed), address.headers());
            assertThat(client().put(tampered, part).status()).as(changed).isEqualTo(403);
        }
        var asGet = new Store.SignedRequest("GET", address.uri(), address.headers());
        assertThat(client().get(asGet, Map.of()).status()).isEqualTo(403);
        var readAddress = store().signRead(key, HOUR);
        var asPut = new Store.SignedRequest("PUT", readAddress.uri(), readAddress.headers());
        assertThat(client().put(asPut, part).status()).isEqualTo(403);
        assertThat(store().get(key)).hasValue(bytes("there"));
        store().abortUpload(key, upload);
    }

    @Test
    void addressesExpire() throws IOException {
        String key = folder + "a";
        store().put(key, bytes("there"));
        String upload = store().createUpload(key);
        byte[] part = random(100);
        var put = store().signPart(key, upload, 1, part.length, md5(part), Duration.ofSeconds(1));
        var get = store().signRead(key, Duration.ofSeconds(1));
        Instant deadline = Instant.now().plusSeconds(10);
        int putStatus;
        int getStatus;
        do {
            putStatus = client().put(put, part).status();
            getStatus = client().get(get, Map.of()).status();
        } while ((putStatus != 403 || getStatus != 403) && Instant.now().isBefore(deadline));
        assertThat(putStatus).isEqualTo(403);
        assertThat(getStatus).isEqualTo(403);
        store().abortUpload(key, upload);
    }

    @Test
    void readAddressGivesTheObjectAndItsRanges() throws IOException {
        byte[] content = random(50_000);
        store().put(folder + "a", content);
        var address = store().signRead(folder + "a", HOUR);
        Answer whole = client().get(address, Map.of());
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(content);
        Answer rest = client().get(address, Map.of("Range", "bytes=40000-"));
        assertThat(rest.status()).isEqualTo(206);
        assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(content, 40_000, 50_000));
        Answer middle = client().get(address, Map.of("Range", "bytes=10-19"));
        assertThat(middle.body()).isEqualTo(Arrays.copyOfRange(content, 10, 20));
        Answer tooFar = client().get(address, Map.of("Range", "bytes=49990-60000"));
        assertThat(tooFar.status()).isEqualTo(206);
        assertThat(tooFar.body()).isEqualTo(Arrays.copyOfRange(content, 49_990, 50_000));
        assertThat(client().get(address, Map.of("Range", "bytes=50000-")).status())
                .isEqualTo(416);
    }

    @Test
    void readAddressOfNothingIs404() throws IOException {
        assertThat(client().get(store().signRead(folder + "nothing", HOUR), Map.of())
                        .status())
                .isEqualTo(404);
    }

    @Test
    void probeSaysWhatTheStoreDoesAndLeavesNothingBehind() {
        StoreAbilities abilities = store().probe();
        assertThat(abilities.description()).isNotBlank();
        assertThat(abilities.checksMd5()).isTrue();
        assertThat(abilities.maxParts()).isPositive();
        assertThat(store().list("probe/")).isEmpty();
        assertThat(store().openUploads("probe/")).isEmpty();
    }

    /** Uploads a content in parts. */
    List<Part> upload(String key, String uploadId, byte[] content) throws IOException {
        List<Part> parts = new ArrayList<>();
        for (int offset = 0; offset < content.length; offset += partBytes()) {
            byte[] part = Arrays.copyOfRange(content, offset, Math.min(offset + partBytes(), content.length));
            parts.add(upload(key, uploadId, parts.size() + 1, part));
        }
        return parts;
    }

    Part upload(String key, String uploadId, int number, byte[] content) throws IOException {
        Answer answer =
                client().put(store().signPart(key, uploadId, number, content.length, md5(content), HOUR), content);
        assertThat(answer.status())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        return new Part(number, content.length, answer.etag());
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
