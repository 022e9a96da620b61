package io.holdfast.manager.store.s3;

import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** Says what an answer or a broken connection means for the caller. Codes as in the S3 API reference. */
final class S3Failures {
    private S3Failures() {}

    /** Does something with the SDK and translates its failure. */
    static <T> T call(String action, Supplier<T> request) {
        try {
            return request.get();
        } catch (SdkException e) {
            throw translate(action, e);
        }
    }

    /**
     * Translates a failure.
     *
     * @param action what was tried, such as {@code put v1/a}
     */
    static StoreException translate(String action, SdkException failure) {
        if (failure instanceof AwsServiceException answer) {
            Kind kind = kind(code(answer), answer.statusCode());
            return new StoreException(
                    kind, "cannot " + action + ": " + told(answer) + hint(code(answer), kind), answer);
        }
        if (hasCause(failure, GeneralSecurityException.class)) {
            return new StoreException(
                    Kind.REFUSED,
                    "cannot " + action + ": the store's TLS certificate is not trusted"
                            + " (hint: give the authority that issued it as the store's ca_file, or with BOSH to the"
                            + " Director's trusted_certs)",
                    failure);
        }
        return new StoreException(
                Kind.PASSING, "cannot " + action + ": " + innermost(failure) + hint(failure), failure);
    }

    /** The error code of an answer; empty when it had none, as with HEAD. */
    static String code(AwsServiceException answer) {
        if (answer.awsErrorDetails() == null || answer.awsErrorDetails().errorCode() == null) {
            return "";
        }
        return answer.awsErrorDetails().errorCode();
    }

    private static Kind kind(String code, int status) {
        return switch (code) {
            case "NoSuchKey", "NoSuchBucket" -> Kind.NOT_FOUND;
            case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken" ->
                Kind.DENIED;
            // versitygw of an access key that it does not know, with status 404: no word about the object.
            case "XAdminUserNotFound" -> Kind.DENIED;
            case "BadDigest", "InvalidDigest", "IncompleteBody", "XAmzContentSHA256Mismatch" -> Kind.CORRUPT;
            case "QuotaExceeded", "InsufficientStorage", "XMinioStorageFull" -> Kind.FULL;
            case "InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "OperationAborted" ->
                Kind.PASSING;
            // Two writers at once under If-None-Match: who repeats learns who won.
            case "ConditionalRequestConflict" -> Kind.PASSING;
            case "RequestTimeTooSkewed", "NotImplemented" -> Kind.REFUSED;
            default -> kind(status);
        };
    }

    private static Kind kind(int status) {
        return switch (status) {
            case 401, 403 -> Kind.DENIED;
            case 404 -> Kind.NOT_FOUND;
            // 200: an error that was told after the status had gone out.
            case 200, 408, 429 -> Kind.PASSING;
            case 501, 505 -> Kind.REFUSED;
            case 507 -> Kind.FULL;
            default -> status >= 500 ? Kind.PASSING : Kind.REFUSED;
        };
    }

    private static String told(AwsServiceException answer) {
        String code = code(answer);
        String message = answer.awsErrorDetails() == null
                ? null
                : answer.awsErrorDetails().errorMessage();
        return "the store says "
                + (code.isEmpty() ? "" : code + ", ")
                + "status " + answer.statusCode()
                + (message == null || message.isBlank() ? "" : ": " + message);
    }

    private static String hint(String code, Kind kind) {
        return switch (code) {
            case "RequestTimeTooSkewed" -> " (hint: this machine's clock differs from the store's)";
            case "NoSuchBucket" -> " (hint: make the bucket, or correct its name)";
            case "InvalidAccessKeyId", "SignatureDoesNotMatch", "XAdminUserNotFound" ->
                " (hint: check access_key, secret_key and region)";
            default ->
                kind == Kind.DENIED ? " (hint: the key needs the right to list, read, write and delete here)" : "";
        };
    }

    private static String hint(SdkException failure) {
        if (hasCause(failure, ConnectException.class)
                || hasCause(failure, NoRouteToHostException.class)
                || hasCause(failure, UnknownHostException.class)) {
            return " (hint: check that the store runs, the endpoint, and that this machine can reach it)";
        }
        // What the JDK says when the answer is no TLS.
        return innermost(failure).contains("Unsupported or unrecognized SSL message")
                ? " (hint: check the endpoint: what listens there does not speak TLS)"
                : "";
    }

    private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        for (Throwable next = cause.getCause(); next != null; next = next.getCause()) {
            cause = next;
        }
        String name = cause.getClass().getSimpleName();
        return cause.getMessage() == null ? name : name + ": " + cause.getMessage();
    }
}
