package io.holdfast.manager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.manager.store.Store.SignedRequest;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException.Kind;
import io.holdfast.manager.store.s3.S3Settings;
import io.holdfast.manager.store.s3.S3Store;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.Fault;
import io.holdfast.testbed.FaultProxy;
import io.holdfast.testbed.FaultProxy.Request;
import io.holdfast.testbed.S3ProxyServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The S3 store on a real server, with a network and a server that fail. */
class S3FaultTest {
    private static final RetryPolicy POLICY =
            new RetryPolicy(6, Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMinutes(1));

    private static Certificates certificates;
    private static Certificates otherCertificates;
    private static S3ProxyServer server;
    private static FaultProxy proxy;
    private static Store store;
    private static Store retrying;

    private final String folder = "test-" + UUID.randomUUID() + "/";

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        certificates = new Certificates(directory.resolve("certificates"));
        otherCertificates = new Certificates(directory.resolve("other-certificates"));
        server = S3ProxyServer.start(directory.resolve("objects"), certificates);
        proxy = FaultProxy.start(server.endpoint(), certificates);
        store = S3Store.open(
                settings(proxy.endpoint(), S3ProxyServer.BUCKET, server.secretKey(), certificates.caFile()));
        retrying = new RetryingStore(store, POLICY, Thread::sleep, System::nanoTime, new Random(1));
    }

    @AfterAll
    static void stop() throws IOException {
        store.close();
        proxy.close();
        server.close();
    }

    @Test
    void burstOf503IsRiddenOut() {
        proxy.inject(request -> request.method().equals("PUT"), new Fault.Busy(), 4);
        retrying.put(folder + "a", StoreContract.bytes("x"));
        assertThat(proxy.pending()).isZero();
        assertThat(store.get(folder + "a")).hasValue(StoreContract.bytes("x"));
    }

    @Test
    void sdkDoesNotRetryByItself() {
        proxy.inject(request -> request.method().equals("PUT"), new Fault.Busy(), 1);
        StoreContract.assertFails(Kind.PASSING, () -> store.put(folder + "a", StoreContract.bytes("x")));
        assertThat(proxy.pending()).isZero();
    }

    @Test
    void putThatWasCutIsRepeated() {
        byte[] content = StoreContract.random(200_000);
        proxy.inject(request -> request.method().equals("PUT"), new Fault.CutsRequest(70_000), 2);
        retrying.put(folder + "a", content);
        assertThat(store.get(folder + "a")).hasValue(content);
    }

    @Test
    void fileWhosePutWasCutIsPutAgain(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("list");
        Files.write(file, StoreContract.random(3_000_000));
        proxy.inject(request -> request.method().equals("PUT"), new Fault.CutsRequest(1_000_000), 1);
        proxy.inject(request -> request.method().equals("PUT"), new Fault.LosesAnswer(), 1);
        retrying.put(folder + "a", file);
        assertThat(proxy.pending()).isZero();
        try (InputStream in = store.read(folder + "a", 0, Long.MAX_VALUE)) {
            assertThat(in.readAllBytes()).isEqualTo(Files.readAllBytes(file));
        }
    }

    @Test
    void signedPutThatWasCutOrLostItsAnswerIsRepeated() throws IOException {
        byte[] content = StoreContract.random(300_000);
        SignedRequest address =
                store.signPut(folder + "a", content.length, StoreContract.md5(content), Duration.ofHours(1));
        SignedRequests client = new SignedRequests(certificates.trustingContext());
        proxy.inject(request -> request.method().equals("PUT"), new Fault.CutsRequest(100_000), 1);
        assertThatThrownBy(() -> client.put(address, content)).isInstanceOf(IOException.class);
        assertThat(store.list(folder)).isEmpty();
        proxy.inject(request -> request.method().equals("PUT"), new Fault.LosesAnswer(), 1);
        assertThatThrownBy(() -> client.put(address, content)).isInstanceOf(IOException.class);
        assertThat(client.put(address, content).status()).isEqualTo(200);
        assertThat(proxy.pending()).isZero();
        assertThat(store.list(folder)).singleElement().satisfies(object -> {
            assertThat(object.size()).isEqualTo(content.length);
            assertThat(object.md5()).isEqualTo(StoreContract.md5Hex(content));
        });
        assertThat(store.head(folder + "a").orElseThrow().md5()).isEqualTo(StoreContract.md5Hex(content));
    }

    @Test
    void dl07_listThatIsCutGoesOnWhereItWas() throws IOException {
        int count = 3105;
        putMany(count);
        proxy.inject(
                request -> request.isList() && request.target().contains("continuation-token"), new Fault.Busy(), 2);
        proxy.inject(
                request -> request.isList() && request.target().contains("start-after"),
                new Fault.CutsAnswer(20_000),
                1);
        List<String> given = new ArrayList<>();
        retrying.list(folder, object -> given.add(object.key()));
        assertThat(proxy.pending()).isZero();
        assertThat(given).hasSize(count).doesNotHaveDuplicates().isSorted();
    }

    @Test
    void readThatWasCutGoesOn() throws IOException {
        byte[] content = StoreContract.random(300_000);
        store.put(folder + "a", content);
        proxy.inject(Request::isRead, new Fault.CutsAnswer(100_000), 2);
        try (InputStream in = retrying.read(folder + "a", 0, Long.MAX_VALUE)) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
        assertThat(proxy.pending()).isZero();
    }

    @Test
    void readThatWasCutThrowsInsteadOfEnding() throws IOException {
        store.put(folder + "a", StoreContract.random(300_000));
        proxy.inject(Request::isRead, new Fault.CutsAnswer(100_000), 1);
        try (InputStream in = store.read(folder + "a", 0, Long.MAX_VALUE)) {
            assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
        }
    }

    @Test
    void dl05_truncatedObjectIsSeenThoughTheStoreSaid200() throws IOException {
        String key = folder + "a";
        byte[] content = StoreContract.random(1000);
        proxy.inject(
                request -> request.method().equals("PUT"),
                new Fault.Afterwards(() -> truncate(server.file("v/" + key), 400)),
                1);
        SignedRequest address = store.signPut(key, content.length, StoreContract.md5(content), Duration.ofHours(1));
        assertThat(new SignedRequests(certificates.trustingContext())
                        .put(address, content)
                        .status())
                .isEqualTo(200);
        assertThat(proxy.pending()).isZero();
        assertThat(store.list(folder)).extracting(StoredObject::size).containsExactly(400L);
        try (InputStream in = store.read(key, 0, content.length)) {
            assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
        }
    }

    @Test
    void dl07_listOfMoreThanAPageIsComplete() throws IOException {
        int count = 1203;
        putMany(count);
        assertThat(store.list(folder))
                .hasSize(count)
                .extracting(StoredObject::key)
                .isSorted();
        // A page that breaks off in its middle, or does not come, is a failure and never the end.
        proxy.inject(
                request -> request.isList() && request.target().contains("continuation-token"), new Fault.Busy(), 1);
        StoreContract.assertFails(Kind.PASSING, () -> store.list(folder));
        proxy.inject(Request::isList, new Fault.CutsAnswer(20_000), 1);
        assertThatThrownBy(() -> store.list(folder)).isInstanceOf(StoreException.class);
        proxy.inject(Request::isList, new Fault.CutsAnswer(0), 1);
        assertThatThrownBy(() -> store.list(folder)).isInstanceOf(StoreException.class);
        proxy.inject(Request::isList, new Fault.ErrorInside200(), 1);
        assertThatThrownBy(() -> store.list(folder)).isInstanceOf(StoreException.class);
        proxy.inject(Request::isList, new Fault.LosesAnswer(), 1);
        assertThat(retrying.list(folder)).hasSize(count);
        assertThat(proxy.pending()).isZero();
    }

    @Test
    void dl07_storeThatHidesItsLastPageIsBelieved() throws IOException {
        // Nothing in the answer tells. Who deletes must compare with what the catalogue knows.
        putMany(1001);
        proxy.inject(Request::isList, new Fault.DropsFurtherPages(), 1);
        assertThat(store.list(folder)).hasSize(1000);
        assertThat(store.list(folder)).hasSize(1001);
    }

    @Test
    void slowStoreIsWaitedFor() {
        proxy.inject(request -> request.method().equals("PUT"), new Fault.Slow(Duration.ofMillis(300)), 1);
        store.put(folder + "a", StoreContract.bytes("x"));
        assertThat(proxy.pending()).isZero();
        assertThat(store.get(folder + "a")).hasValue(StoreContract.bytes("x"));
    }

    @Test
    void dl07_missingBucketIsAFailureAndNotEmpty() throws IOException {
        try (Store missing = S3Store.open(
                settings(server.endpoint(), "no-such-bucket", server.secretKey(), certificates.caFile()))) {
            StoreContract.assertFails(Kind.NOT_FOUND, () -> missing.list(""));
            StoreContract.assertFails(Kind.NOT_FOUND, () -> missing.get("a"));
            StoreContract.assertFails(Kind.NOT_FOUND, () -> missing.head("a"));
            StoreContract.assertFails(Kind.NOT_FOUND, () -> missing.putIfAbsent("a", new byte[1]));
        }
    }

    @Test
    void wrongSecretIsDeniedAndNotShown() throws IOException {
        String secret = "canary-secret-0123456789";
        try (Store denied =
                S3Store.open(settings(server.endpoint(), S3ProxyServer.BUCKET, secret, certificates.caFile()))) {
            assertThatThrownBy(() -> denied.list("")).isInstanceOfSatisfying(StoreException.class, e -> {
                assertThat(e.kind()).isEqualTo(Kind.DENIED);
                assertThat(e.getMessage()).contains("hint").doesNotContain(secret);
            });
        }
    }

    @Test
    void certificateOfAnotherAuthorityIsRefusedWithAHint() throws IOException {
        for (@Nullable Path ca : Arrays.asList(otherCertificates.caFile(), (Path) null)) {
            try (Store untrusting =
                    S3Store.open(settings(server.endpoint(), S3ProxyServer.BUCKET, server.secretKey(), ca))) {
                assertThatThrownBy(() -> untrusting.list("")).isInstanceOfSatisfying(StoreException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
                    assertThat(e.getMessage()).contains("ca_file");
                });
            }
        }
    }

    @Test
    void serverThatIsNotThereIsAPassingFault() throws IOException {
        try (Store nobody = S3Store.open(settings(
                URI.create("https://127.0.0.1:1"), S3ProxyServer.BUCKET, server.secretKey(), certificates.caFile()))) {
            StoreContract.assertFails(Kind.PASSING, () -> nobody.list(""));
        }
    }

    /** Puts objects into the server's folder: much faster than one request each. */
    private void putMany(int count) throws IOException {
        Path many = Files.createDirectories(server.file("v/" + folder + "many"));
        for (int i = 0; i < count; i++) {
            Files.write(many.resolve("%05d".formatted(i)), new byte[] {1});
        }
    }

    private static void truncate(Path file, long size) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static S3Settings settings(URI endpoint, String bucket, String secretKey, @Nullable Path caFile) {
        return S3Settings.of(endpoint, S3ProxyServer.REGION, bucket, "v", server.accessKey(), secretKey, caFile);
    }
}
