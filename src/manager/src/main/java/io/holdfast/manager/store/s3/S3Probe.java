package io.holdfast.manager.store.s3;

import io.holdfast.manager.store.Store.SignedRequest;
import io.holdfast.manager.store.StoreAbilities;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Finds out by trying what a store does; what it says of itself is not asked. */
final class S3Probe {
    /** S3 refuses what is signed by a clock that is off by more (its error RequestTimeTooSkewed). */
    private static final Duration MOST_SKEW = Duration.ofMinutes(15);

    private static final Duration TOLD_SKEW = Duration.ofMinutes(1);
    private static final Duration PROBE_VALIDITY = Duration.ofMinutes(5);

    private final S3Store store;
    private final S3Client client;
    private final S3Settings settings;
    private final InstantSource clock;
    private final List<String> notes = new ArrayList<>();

    S3Probe(S3Store store, S3Client client, S3Settings settings, InstantSource clock) {
        this.store = store;
        this.client = client;
        this.settings = settings;
        this.clock = clock;
    }

    StoreAbilities run() {
        compareClocks();
        String key = "probe/" + UUID.randomUUID();
        byte[] content = "a throw-away object of the backup manager\n".getBytes(StandardCharsets.US_ASCII);
        store.put(key, content);
        try {
            if (!Arrays.equals(store.get(key).orElse(null), content)) {
                throw new StoreException(Kind.CORRUPT, "the store returns something other than what was written", null);
            }
            if (store.list("probe/").stream().noneMatch(object -> object.key().equals(key))) {
                throw new StoreException(Kind.CORRUPT, "the store does not list what was written", null);
            }
            boolean conditionalPut = refusesSecondPut(key, content);
            boolean checksMd5 = refusesOtherContent(key, content);
            return new StoreAbilities(settings.description(), conditionalPut, checksMd5, false, List.copyOf(notes));
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

    /** The client corrects itself by the store's time; the addresses that agents get are signed by this machine's. */
    private void compareClocks() {
        Duration off = Duration.between(clock.instant(), store.clock());
        String told = "The store's clock is " + off.abs().toSeconds() + " s "
                + (off.isNegative() ? "behind" : "ahead of") + " this machine's";
        if (off.abs().compareTo(MOST_SKEW) >= 0) {
            throw new StoreException(
                    Kind.REFUSED,
                    told + ": it would refuse the addresses that agents get (hint: correct the wrong one, best by NTP)",
                    null);
        }
        if (off.abs().compareTo(TOLD_SKEW) >= 0) {
            notes.add(told + ": correct the wrong one, best by NTP. From " + MOST_SKEW.toMinutes()
                    + " minutes on no backup can be made or restored.");
        }
    }

    /** Whether a signed address takes the content that it was signed for, and no other of the same size. */
    private boolean refusesOtherContent(String key, byte[] content) {
        byte[] other = content.clone();
        other[0] ^= 1;
        SignedRequest address = store.signPut(key, content.length, Md5.base64(content), PROBE_VALIDITY);
        int right = send(address, content);
        if (right / 100 != 2) {
            throw refused("put " + key + " by a signed address", right);
        }
        int wrong = send(address, other);
        if (wrong == 400) {
            return true;
        }
        if (wrong / 100 != 2) {
            throw refused("put " + key + " with a wrong MD5", wrong);
        }
        notes.add("The store takes objects whose MD5 is wrong.");
        return false;
    }

    /** Sends as an agent does, which has no credentials. */
    private int send(SignedRequest address, byte[] body) {
        SdkHttpFullRequest.Builder request = SdkHttpFullRequest.builder()
                .method(SdkHttpMethod.PUT)
                .uri(address.uri())
                .putHeader("Content-Length", String.valueOf(body.length))
                .contentStreamProvider(() -> new ByteArrayInputStream(body));
        address.headers().forEach(request::putHeader);
        SdkHttpFullRequest built = request.build();
        try (SdkHttpClient http = S3Clients.http(settings).build()) {
            HttpExecuteResponse answer = http.prepareRequest(HttpExecuteRequest.builder()
                            .request(built)
                            .contentStreamProvider(built.contentStreamProvider().orElseThrow())
                            .build())
                    .call();
            answer.responseBody().ifPresent(AbortableInputStream::abort);
            return answer.httpResponse().statusCode();
        } catch (IOException e) {
            throw S3Failures.translate(
                    "send to a signed address",
                    SdkClientException.builder().message("no answer").cause(e).build());
        }
    }

    private static StoreException refused(String action, int status) {
        return S3Failures.translate(
                action, S3Exception.builder().statusCode(status).build());
    }
}
