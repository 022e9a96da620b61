package io.holdfast.manager.store.s3;

import io.holdfast.manager.store.ObjectKeys;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to reach one bucket.
 *
 * @param endpoint {@code https://host[:port]}, or null for AWS' own of the region
 * @param region what requests are signed for; stores other than AWS mostly take any, such as {@code us-east-1}
 * @param bucket the bucket, which must be there
 * @param prefix what all keys begin with, without a slash at its ends; empty for none
 * @param pathStyle bucket in the path (most stores) instead of in the host name (AWS)
 * @param accessKey the access key's id
 * @param secretKey the access key's secret
 * @param caFile certificates (PEM) that alone are trusted, or null for those that the JVM trusts
 * @param storageClass for example {@code STANDARD}
 */
public record S3Settings(
        @Nullable URI endpoint,
        String region,
        String bucket,
        String prefix,
        boolean pathStyle,
        String accessKey,
        String secretKey,
        @Nullable Path caFile,
        String storageClass) {
    /** The storage class that every store has. */
    public static final String STANDARD = "STANDARD";

    public S3Settings {
        List<String> mistakes = new ArrayList<>();
        if (endpoint != null && !isEndpoint(endpoint)) {
            mistakes.add("endpoint must be https://host or https://host:port, without a path");
        }
        if (!region.matches("[A-Za-z0-9-]{1,64}")) {
            mistakes.add("region must be a name such as us-east-1");
        }
        if (!bucket.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")) {
            mistakes.add("bucket must be 3 to 63 lower-case letters, digits, dots and hyphens");
        }
        if (!prefix.isEmpty() && !ObjectKeys.isKey(prefix)) {
            mistakes.add("prefix must be empty or names of letters, digits, '.', '_' and '-', joined by '/'");
        }
        if (accessKey.isBlank()) {
            mistakes.add("access_key is missing");
        }
        if (secretKey.isBlank()) {
            mistakes.add("secret_key is missing");
        }
        if (!storageClass.matches("[A-Z0-9_]{1,64}")) {
            mistakes.add("storage_class must be a name such as STANDARD");
        }
        if (!mistakes.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", mistakes));
        }
    }

    /** Settings for a store that is not AWS: path style, standard storage class. */
    public static S3Settings of(
            URI endpoint,
            String region,
            String bucket,
            String prefix,
            String accessKey,
            String secretKey,
            @Nullable Path caFile) {
        return new S3Settings(endpoint, region, bucket, prefix, true, accessKey, secretKey, caFile, STANDARD);
    }

    /** Where the store is, for people. No credentials. */
    public String description() {
        return "s3 "
                + (endpoint == null ? "aws " + region : endpoint.toString())
                + " bucket " + bucket
                + (prefix.isEmpty() ? "" : " prefix " + prefix);
    }

    @Override
    public String toString() {
        return "S3Settings[" + description() + ", access key and secret hidden]";
    }

    private static boolean isEndpoint(URI uri) {
        String path = uri.getRawPath();
        return ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
                && uri.getHost() != null
                && uri.getRawUserInfo() == null
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null
                && (path == null || path.isEmpty() || path.equals("/"));
    }
}
