package io.holdfast.manager.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.store.SignedRequests.Answer;
import io.holdfast.manager.store.Store.SignedRequest;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@link Store} promises of signed addresses, beside all of {@link StoreContract}. */
abstract class AddressContract extends StoreContract {
    static final Duration HOUR = Duration.ofHours(1);

    @Test
    void objectIsWrittenByItsAddress() throws IOException {
        String key = folder + "segments/1-000000.zst.age";
        byte[] content = random(3_000_000);
        SignedRequest address = store().signPut(key, content.length, md5(content), HOUR);
        assertThat(address.method()).isEqualTo("PUT");
        assertThat(store().head(key)).isEmpty();

        Answer answer = client().put(address, content);

        assertThat(answer.status()).as(text(answer)).isEqualTo(200);
        assertThat(answer.etag().replace("\"", "")).isEqualTo(md5Hex(content));
        assertThat(read(key, 0, Long.MAX_VALUE)).isEqualTo(content);
        assertThat(store().head(key).orElseThrow().size()).isEqualTo(content.length);
        assertThat(store().list(folder)).singleElement().satisfies(object -> {
            assertThat(object.key()).isEqualTo(key);
            assertThat(object.size()).isEqualTo(content.length);
            assertThat(object.md5()).isIn(null, md5Hex(content));
        });
    }

    @Test
    void emptyObjectIsWrittenByItsAddress() throws IOException {
        byte[] nothing = new byte[0];
        put(folder + "a", nothing);
        assertThat(store().get(folder + "a")).hasValue(nothing);
    }

    @Test
    void putAddressTakesExactlyTheBytesThatWereSigned() throws IOException {
        String key = folder + "a";
        byte[] signed = random(5000);
        SignedRequest address = store().signPut(key, signed.length, md5(signed), HOUR);

        byte[] other = random(5000);
        assertThat(client().put(address, other).status()).isEqualTo(400);
        assertThat(client().put(address, Arrays.copyOf(signed, 4999)).status()).isEqualTo(403);
        assertThat(client().put(address, Arrays.copyOf(signed, 5001)).status()).isEqualTo(403);
        // With headers that fit the other bytes, the signature does not fit any more.
        assertThat(client().put(address, Map.of("Content-MD5", md5(other)), other)
                        .status())
                .isEqualTo(403);
        assertThat(store().head(key)).isEmpty();
        assertThat(store().list(folder)).isEmpty();

        assertThat(client().put(address, signed).status()).isEqualTo(200);
        assertThat(client().put(address, other).status()).isEqualTo(400);
        assertThat(read(key, 0, Long.MAX_VALUE)).isEqualTo(signed);
    }

    @Test
    void putAddressIsGoodForOnePurposeOnly() throws IOException {
        String key = folder + "a";
        byte[] content = random(100);
        SignedRequest address = store().signPut(key, content.length, md5(content), HOUR);
        String uri = address.uri().toString();
        Map<String, String> changes = Map.of(
                "another object", uri.replace("/a?", "/b?"),
                "an object below it", uri.replace("/a?", "/a/b?"),
                "another signature", uri.substring(0, uri.length() - 1) + (uri.endsWith("0") ? "1" : "0"),
                "more in the query", uri + "&x=1",
                "no signature", uri.substring(0, uri.indexOf('?')));
        for (Map.Entry<String, String> change : changes.entrySet()) {
            var tampered = new SignedRequest("PUT", URI.create(change.getValue()), address.headers());
            // A store may look at other things than the signature first.
            assertThat(client().put(tampered, content).status())
                    .as(change.getKey())
                    .isBetween(400, 499);
        }
        assertThat(store().list(folder)).isEmpty();

        store().put(key, bytes("there"));
        var asGet = new SignedRequest("GET", address.uri(), address.headers());
        assertThat(client().get(asGet, Map.of()).status()).isEqualTo(403);
        var readAddress = store().signRead(key, HOUR);
        var asPut = new SignedRequest("PUT", readAddress.uri(), readAddress.headers());
        assertThat(client().put(asPut, content).status()).isEqualTo(403);
        assertThat(store().get(key)).hasValue(bytes("there"));
    }

    @Test
    void putByAddressReplaces() throws IOException {
        String key = folder + "a";
        byte[] first = random(2000);
        byte[] second = random(1000);
        store().put(key, bytes("there"));
        put(key, first);
        assertThat(read(key, 0, Long.MAX_VALUE)).isEqualTo(first);
        put(key, second);
        assertThat(read(key, 0, Long.MAX_VALUE)).isEqualTo(second);
        // An address that is still good brings its content back.
        put(key, first);
        assertThat(read(key, 0, Long.MAX_VALUE)).isEqualTo(first);
        assertThat(store().list(folder)).hasSize(1);
    }

    @Test
    void putWhoseAnswerWasLostIsRepeated() throws Exception {
        String key = folder + "a";
        byte[] content = random(200_000);
        SignedRequest address = store().signPut(key, content.length, md5(content), HOUR);
        client().putWithoutAnswer(address, content);
        assertThat(client().put(address, content).status()).isEqualTo(200);
        assertThat(client().put(address, content).status()).isEqualTo(200);
        assertThat(read(key, 0, Long.MAX_VALUE)).isEqualTo(content);
        assertListsSoon(key);
    }

    @Test
    void transferThatIsCutLeavesNothing() throws Exception {
        byte[] content = random(400_000);
        store().put(folder + "old", bytes("there"));
        for (int sent : new int[] {0, 1, 200_000, 399_999}) {
            for (String key : new String[] {folder + "new", folder + "old"}) {
                client().putCut(store().signPut(key, content.length, md5(content), HOUR), content, sent);
            }
        }
        for (int look = 0; look < 5; look++) {
            assertThat(store().head(folder + "new")).isEmpty();
            assertThat(store().get(folder + "old")).hasValue(bytes("there"));
            Thread.sleep(100);
        }
        assertListsSoon(folder + "old");
        put(folder + "new", content);
        assertThat(read(folder + "new", 0, Long.MAX_VALUE)).isEqualTo(content);
    }

    @Test
    void moreThanARequestMayHaveIsNotSigned() {
        String md5 = md5(new byte[0]);
        assertThat(store().signPut(folder + "a", Store.MOST_OBJECT_BYTES, md5, HOUR)
                        .uri())
                .isNotNull();
        assertFails(Kind.REFUSED, () -> store().signPut(folder + "a", Store.MOST_OBJECT_BYTES + 1, md5, HOUR));
        assertFails(Kind.REFUSED, () -> store().signPut(folder + "a", -1, md5, HOUR));
    }

    @Test
    void addressesExpire() throws IOException {
        String key = folder + "a";
        store().put(key, bytes("there"));
        byte[] content = random(100);
        var put = store().signPut(key, content.length, md5(content), Duration.ofSeconds(1));
        var get = store().signRead(key, Duration.ofSeconds(1));
        Instant deadline = Instant.now().plusSeconds(10);
        int putStatus;
        int getStatus;
        do {
            putStatus = client().put(put, content).status();
            getStatus = client().get(get, Map.of()).status();
        } while ((putStatus != 403 || getStatus != 403) && Instant.now().isBefore(deadline));
        assertThat(putStatus).isEqualTo(403);
        assertThat(getStatus).isEqualTo(403);
        store().put(key, bytes("there"));
        assertThat(client().put(put, content).status()).isEqualTo(403);
        assertThat(store().get(key)).hasValue(bytes("there"));
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

    /** S3Proxy lists what it is still receiving, under a name of its own, until it sees that the sender has gone. */
    private void assertListsSoon(String key) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(20);
        while (store().list(folder).size() > 1 && Instant.now().isBefore(deadline)) {
            Thread.sleep(100);
        }
        assertThat(store().list(folder)).extracting(StoredObject::key).containsExactly(key);
    }

    /** Writes an object by an address. */
    void put(String key, byte[] content) throws IOException {
        Answer answer = client().put(store().signPut(key, content.length, md5(content), HOUR), content);
        assertThat(answer.status()).as(text(answer)).isEqualTo(200);
    }

    private static String text(Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }
}
