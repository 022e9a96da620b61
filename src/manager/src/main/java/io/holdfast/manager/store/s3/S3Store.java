package io.holdfast.manager.store.s3;

import io.holdfast.manager.store.ExactStream;
import io.holdfast.manager.store.ObjectKeys;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreAbilities;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.presigner.PresignedRequest;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** {@link Store} in one bucket of an S3 store. */
public final class S3Store implements Store {
    /** Signatures of version 4 end after seven days. */
    private static final Duration LONGEST_VALIDITY = Duration.ofDays(7);

    private final S3Settings settings;
    private final S3Client client;
    private final S3Presigner presigner;
    private final S3Listing listing;
    private final InstantSource clock;

    private S3Store(S3Settings settings, S3Client client, S3Presigner presigner, InstantSource clock) {
        this.clock = clock;
        this.settings = settings;
        this.client = client;
        this.presigner = presigner;
        this.listing = new S3Listing(client, settings);
    }

    /**
     * Makes a store. No request is sent yet: {@link #probe} tells whether it works.
     *
     * @throws IOException when the CA file cannot be read
     */
    public static S3Store open(S3Settings settings) throws IOException {
        return open(settings, InstantSource.system());
    }

    /** The same with the clock that the store's is compared with; signatures are made by the machine's own. */
    public static S3Store open(S3Settings settings, InstantSource clock) throws IOException {
        return new S3Store(settings, S3Clients.client(settings), S3Clients.presigner(settings), clock);
    }

    @Override
    public StoreAbilities probe() {
        return new S3Probe(this, client, settings, clock).run();
    }

    @Override
    public void put(String key, byte[] content) {
        checkSmall(key, content.length);
        S3Failures.call(
                "put " + key, () -> client.putObject(putRequest(key, content).build(), RequestBody.fromBytes(content)));
    }

    @Override
    public void put(String key, Path file) {
        String name = name(key);
        long size;
        String md5;
        try {
            size = Files.size(file);
            checkSize(key, size);
            md5 = Md5.base64(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        PutObjectRequest request = PutObjectRequest.builder()
                .bucket(settings.bucket())
                .key(name)
                .storageClass(settings.storageClass())
                .contentLength(size)
                .contentMD5(md5)
                .build();
        S3Failures.call("put " + key, () -> client.putObject(request, RequestBody.fromFile(file)));
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content) {
        checkSmall(key, content.length);
        // First a look: so that a store that takes no condition, or ignores it, does the right thing without a rival.
        if (head(key).isPresent()) {
            return false;
        }
        return S3Failures.call("put " + key, () -> {
            try {
                client.putObject(putRequest(key, content).ifNoneMatch("*").build(), RequestBody.fromBytes(content));
                return true;
            } catch (AwsServiceException e) {
                if (e.statusCode() == 412) {
                    return false;
                }
                if (e.statusCode() == 501) {
                    client.putObject(putRequest(key, content).build(), RequestBody.fromBytes(content));
                    return true;
                }
                throw e;
            }
        });
    }

    @Override
    public Optional<byte[]> get(String key) {
        try (InputStream in = read(key, 0, Long.MAX_VALUE)) {
            byte[] content = in.readNBytes(SMALL_OBJECT_BYTES + 1);
            checkSmall(key, content.length);
            return Optional.of(content);
        } catch (StoreException e) {
            if (e.kind() == Kind.NOT_FOUND && !isBucketMissing(e)) {
                return Optional.empty();
            }
            throw e;
        } catch (IOException e) {
            throw new StoreException(Kind.PASSING, "cannot read " + key + " to its end: " + e.getMessage(), e);
        }
    }

    @Override
    public InputStream read(String key, long offset, long length) {
        boolean whole = offset == 0 && length == Long.MAX_VALUE;
        GetObjectRequest.Builder request =
                GetObjectRequest.builder().bucket(settings.bucket()).key(name(key));
        if (!whole) {
            request.range(Ranges.header(offset, length));
        }
        ResponseInputStream<GetObjectResponse> in =
                S3Failures.call("read " + key, () -> client.getObject(request.build()));
        GetObjectResponse answer = in.response();
        boolean asAsked = whole || Ranges.begins(answer.contentRange(), offset);
        if (!asAsked || answer.contentLength() == null) {
            in.abort();
            throw new StoreException(Kind.CORRUPT, "the store answers with another part of " + key, null);
        }
        return new ExactStream(new AbortingStream(in), length == Long.MAX_VALUE ? answer.contentLength() : length);
    }

    @Override
    public Optional<StoredObject> head(String key) {
        String name = name(key);
        try {
            HeadObjectResponse answer = S3Failures.call(
                    "look at " + key,
                    () -> client.headObject(r -> r.bucket(settings.bucket()).key(name)));
            return Optional.of(new StoredObject(
                    key,
                    answer.contentLength(),
                    answer.lastModified(),
                    Md5.ofETag(answer.eTag()),
                    Archives.isArchive(answer.storageClassAsString())));
        } catch (StoreException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
            // The answer to HEAD has no body: it does not tell a missing bucket from a missing object.
            S3Failures.call(
                    "look at the bucket " + settings.bucket(),
                    () -> client.headBucket(r -> r.bucket(settings.bucket())));
            return Optional.empty();
        }
    }

    @Override
    public void list(String prefix, String after, Consumer<StoredObject> each) {
        ObjectKeys.checkPrefix(prefix);
        listing.objects(prefix, after, each);
    }

    @Override
    public List<String> folders(String prefix) {
        ObjectKeys.checkPrefix(prefix);
        return S3Failures.call("list the folders of " + prefix, () -> listing.folders(prefix));
    }

    @Override
    public void delete(String key) {
        String name = name(key);
        try {
            S3Failures.call(
                    "delete " + key,
                    () -> client.deleteObject(r -> r.bucket(settings.bucket()).key(name)));
        } catch (StoreException e) {
            if (e.kind() != Kind.NOT_FOUND || isBucketMissing(e)) {
                throw e;
            }
        }
    }

    @Override
    public SignedRequest signPut(String key, long size, String md5, Duration validFor) {
        String name = name(key);
        checkSize(key, size);
        checkValidity(validFor);
        // The class that a store has without being asked needs no header that every sender would have to send.
        boolean usual = settings.storageClass().equals(S3Settings.STANDARD);
        PresignedRequest request = presigner.presignPutObject(r -> r.signatureDuration(validFor)
                .putObjectRequest(p -> p.bucket(settings.bucket())
                        .key(name)
                        .storageClass(usual ? null : settings.storageClass())
                        .contentLength(size)
                        .contentMD5(md5)));
        Map<String, String> headers = usual
                ? Map.of("Content-MD5", md5)
                : Map.of("Content-MD5", md5, "x-amz-storage-class", settings.storageClass());
        return signed("PUT", request, headers);
    }

    @Override
    public SignedRequest signRead(String key, Duration validFor) {
        String name = name(key);
        checkValidity(validFor);
        PresignedRequest request = presigner.presignGetObject(r -> r.signatureDuration(validFor)
                .getObjectRequest(g -> g.bucket(settings.bucket()).key(name)));
        return signed("GET", request, Map.of());
    }

    @Override
    public Instant clock() {
        String date = S3Failures.call(
                "ask for the time",
                () -> client.headBucket(r -> r.bucket(settings.bucket()))
                        .sdkHttpResponse()
                        .firstMatchingHeader("Date")
                        .orElse(""));
        try {
            return ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeParseException e) {
            throw new StoreException(Kind.CORRUPT, "the store does not tell its time", e);
        }
    }

    @Override
    public void close() {
        client.close();
        presigner.close();
    }

    /** The name in the bucket. */
    String name(String key) {
        return settings.prefix().isEmpty() ? ObjectKeys.check(key) : settings.prefix() + "/" + ObjectKeys.check(key);
    }

    private PutObjectRequest.Builder putRequest(String key, byte[] content) {
        return PutObjectRequest.builder()
                .bucket(settings.bucket())
                .key(name(key))
                .storageClass(settings.storageClass())
                .contentMD5(Md5.base64(content));
    }

    private static void checkSmall(String key, long size) {
        if (size > SMALL_OBJECT_BYTES) {
            throw new StoreException(
                    Kind.REFUSED, key + " has more than " + SMALL_OBJECT_BYTES + " bytes: not a small object", null);
        }
    }

    private static void checkSize(String key, long size) {
        if (size < 0 || size > MOST_OBJECT_BYTES) {
            throw new StoreException(
                    Kind.REFUSED, key + " cannot have " + size + " bytes: at most " + MOST_OBJECT_BYTES, null);
        }
    }

    private static void checkValidity(Duration validFor) {
        if (!validFor.isPositive() || validFor.compareTo(LONGEST_VALIDITY) > 0) {
            throw new IllegalArgumentException("a signed address is valid for up to 7 days, not " + validFor);
        }
    }

    private static boolean isBucketMissing(StoreException e) {
        return e.getCause() instanceof AwsServiceException answer
                && S3Failures.code(answer).equals("NoSuchBucket");
    }

    private static SignedRequest signed(String method, PresignedRequest request, Map<String, String> headers) {
        return new SignedRequest(method, URI.create(request.url().toString()), headers);
    }
}
