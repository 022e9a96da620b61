package io.holdfast.manager.store.s3;

import io.holdfast.manager.store.StoreAbilities;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** Finds out by trying what a store does; what it says of itself is not asked. */
final class S3Probe {
    private final S3Store store;
    private final S3Client client;
    private final S3Settings settings;
    private final List<String> notes = new ArrayList<>();

    S3Probe(S3Store store, S3Client client, S3Settings settings) {
        this.store = store;
        this.client = client;
        this.settings = settings;
    }

    StoreAbilities run() {
        String key = "probe/" + UUID.randomUUID();
        byte[] content = "a throw-away object of the backup manager\n".getBytes(StandardCharsets.US_ASCII);
        store.put(key, content);
        try {
            if (!Arrays.equals(store.get(key).orElse(null), content)) {
                throw new StoreException(Kind.CORRUPT, "the store gives back something else than was put", null);
            }
            if (store.list("probe/").stream().noneMatch(object -> object.key().equals(key))) {
                throw new StoreException(Kind.CORRUPT, "the store does not list what was put", null);
            }
            boolean conditionalPut = refusesSecondPut(key, content);
            boolean checksMd5 = refusesWrongMd5(key, content);
            return new StoreAbilities(
                    settings.description(), conditionalPut, checksMd5, false, settings.maxParts(), List.copyOf(notes));
        } finally {
            store.delete(key);
        }
    }

    private boolean refusesSecondPut(String key, byte[] content) {
        try {
            client.putObject(
                    r -> r.bucket(settings.bucket()).key(store.name(key)).ifNoneMatch("*"),
                    RequestBody.fromBytes(content));
            notes.add("The store ignores the condition If-None-Match: two managers must not share it.");
            return false;
        } catch (AwsServiceException e) {
            if (e.statusCode() == 412 || e.statusCode() == 409) {
                return true;
            }
            if (e.statusCode() == 501 || e.statusCode() == 400) {
                notes.add("The store has no conditional writes: two managers must not share it.");
                return false;
            }
            throw S3Failures.translate("put " + key + " on a condition", e);
        } catch (SdkException e) {
            throw S3Failures.translate("put " + key + " on a condition", e);
        }
    }

    private boolean refusesWrongMd5(String key, byte[] content) {
        String uploadId = store.createUpload(key);
        try {
            client.uploadPart(
                    r -> r.bucket(settings.bucket())
                            .key(store.name(key))
                            .uploadId(uploadId)
                            .partNumber(1)
                            .contentMD5(Md5.base64(new byte[0])),
                    RequestBody.fromBytes(content));
            notes.add("The store takes parts whose MD5 is wrong.");
            return false;
        } catch (AwsServiceException e) {
            if (e.statusCode() == 400) {
                return true;
            }
            throw S3Failures.translate("upload a part of " + key, e);
        } catch (SdkException e) {
            throw S3Failures.translate("upload a part of " + key, e);
        } finally {
            store.abortUpload(key, uploadId);
        }
    }
}
