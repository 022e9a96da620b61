package io.holdfast.manager.http;

/** Every error that the API answers: its code for programs, and its HTTP status. See {@code docs/api.md}. */
public enum ErrorCode {
    BAD_REQUEST("BadRequest", 400),
    UNAUTHORIZED("Unauthorized", 401),
    CERTIFICATE_REQUIRED("CertificateRequired", 401),
    CERTIFICATE_REFUSED("CertificateRefused", 401),
    FORBIDDEN("Forbidden", 403),
    AGENT_REFUSED("AgentRefused", 403),
    NOTHING_TO_DOWNLOAD("NothingToDownload", 403),
    DOWNLOADS_OFF("DownloadsOff", 403),
    NOT_FOUND("NotFound", 404),
    METHOD_NOT_ALLOWED("MethodNotAllowed", 405),
    REQUEST_TIMEOUT("RequestTimeout", 408),
    RESTORE_IN_PROGRESS("RestoreInProgress", 409),
    BACKUP_IN_PROGRESS("BackupInProgress", 409),
    LAST_GOOD_BACKUP("LastGoodBackup", 409),
    INSTANCE_DELETED("InstanceDeleted", 409),
    INSTANCE_TAKEN("InstanceTaken", 409),
    TOO_MANY_KEY_VERSIONS("TooManyKeyVersions", 409),
    NOT_CANCELLABLE("NotCancellable", 409),
    FENCED("Fenced", 409),
    JOB_ENDED("JobEnded", 409),
    UNKNOWN_SESSION("UnknownSession", 409),
    PROTOCOL_TOO_OLD("ProtocolTooOld", 409),
    BODY_TOO_LARGE("BodyTooLarge", 413),
    UNSUPPORTED_MEDIA_TYPE("UnsupportedMediaType", 415),
    BACKUP_NON_RESTORABLE_STATE("BackupNonRestorableState", 422),
    ENCRYPTION_KEY_UNUSABLE("EncryptionKeyUnusable", 422),
    ENCRYPTION_KEY_REQUIRED("EncryptionKeyRequired", 422),
    ENCRYPTION_KEY_NOT_SET("EncryptionKeyNotSet", 422),
    WRONG_ENCRYPTION_KEY("WrongEncryptionKey", 422),
    CONFIRMATION_REQUIRED("ConfirmationRequired", 422),
    IDEMPOTENCY_KEY_REUSED("IdempotencyKeyReused", 422),
    LOCKED("Locked", 423),
    TOO_MANY_REQUESTS("TooManyRequests", 429),
    TOO_MANY_WRONG_ENCRYPTION_KEYS("TooManyWrongEncryptionKeys", 429),
    INTERNAL_ERROR("InternalError", 500),
    DATABASE_UNAVAILABLE("DatabaseUnavailable", 503),
    CLOUD_CONTROLLER_UNAVAILABLE("CloudControllerUnavailable", 503),
    IDENTITY_PROVIDER_UNAVAILABLE("IdentityProviderUnavailable", 503),
    STORE_UNAVAILABLE("StoreUnavailable", 503),
    BUSY("Busy", 503),
    STORE_FULL("StoreFull", 507);

    private final String code;
    private final int status;

    ErrorCode(String code, int status) {
        this.code = code;
        this.status = status;
    }

    /** The code as programs see it. */
    public String code() {
        return code;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }
}
