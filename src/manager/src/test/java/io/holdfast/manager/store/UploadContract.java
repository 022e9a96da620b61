package io.holdfast.manager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.holdfast.manager.store.SignedRequests.Answer;
import io.holdfast.manager.store.Store.OpenUpload;
import io.holdfast.manager.store.Store.Part;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@link Store} promises of uploads in parts, beside all of {@link AddressContract}. */
abstract class UploadContract extends AddressContract {
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
    void partsAreListedAsTheyArrived() throws IOException {
        String key = folder + "a";
        String upload = store().createUpload(key);
        assertThat(store().parts(key, upload)).isEmpty();
        Part second = upload(key, upload, 2, random(10));
        Part first = upload(key, upload, 1, random(partBytes()));
        assertThat(store().parts(key, upload)).extracting(Part::number).containsExactly(1, 2);
        assertThat(store().parts(key, upload)).extracting(Part::size).containsExactly(first.size(), second.size());
        assertThat(store().parts(key, upload))
                .extracting(part -> part.etag().replace("\"", ""))
                .containsExactly(first.etag().replace("\"", ""), second.etag().replace("\"", ""));
        store().abortUpload(key, upload);
        // S3Proxy lists no parts of an upload that is gone, instead of saying so.
        try {
            assertThat(store().parts(key, upload)).isEmpty();
        } catch (StoreException e) {
            assertThat(e.kind()).isEqualTo(Kind.UPLOAD_GONE);
        }
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
        Map<String, String> changes = Map.of(
                "another part", uri.replaceFirst("(?i)partNumber=1|part=1", "partNumber=2"),
                "another part, by another name", uri.replaceFirst("(?i)partNumber=1|part=1", "part=2"),
                "another object", uri.replace("/a?", "/b?"),
                "another signature", uri.substring(0, uri.length() - 1) + (uri.endsWith("0") ? "1" : "0"),
                "no signature", uri.substring(0, uri.indexOf('?')));
        for (Map.Entry<String, String> change : changes.entrySet()) {
            var tampered = new Store.SignedRequest("PUT", URI.create(change.getValue()), address.headers());
            // A store may look at other things than the signature first.
            assertThat(client().put(tampered, part).status())
                    .as(change.getKey())
                    .isBetween(400, 499);
        }
        var asGet = new Store.SignedRequest("GET", address.uri(), address.headers());
        assertThat(client().get(asGet, Map.of()).status()).isEqualTo(403);
        var readAddress = store().signRead(key, HOUR);
        var asPut = new Store.SignedRequest("PUT", readAddress.uri(), readAddress.headers());
        assertThat(client().put(asPut, part).status()).isEqualTo(403);
        assertThat(store().get(key)).hasValue(bytes("there"));
        store().abortUpload(key, upload);
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
}
