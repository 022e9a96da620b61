package io.holdfast.manager.wire;

import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.registration.OwnershipRefused;
import io.holdfast.manager.restore.RestoreRefused;

/** How callers are told why the domain refused what they wanted. */
public final class Refusals {
    private Refusals() {}

    public static HttpError told(EncryptionKeyRefused refused) {
        ErrorCode code = switch (refused.reason()) {
            case UNUSABLE -> ErrorCode.ENCRYPTION_KEY_UNUSABLE;
            case REQUIRED -> ErrorCode.ENCRYPTION_KEY_REQUIRED;
            case NOT_SET -> ErrorCode.ENCRYPTION_KEY_NOT_SET;
            case WRONG -> ErrorCode.WRONG_ENCRYPTION_KEY;
            case TOO_MANY_WRONG -> ErrorCode.TOO_MANY_WRONG_ENCRYPTION_KEYS;
            case NOT_CONFIRMED -> ErrorCode.CONFIRMATION_REQUIRED;
            case TOO_MANY_VERSIONS -> ErrorCode.TOO_MANY_KEY_VERSIONS;
            case TOO_LITTLE_MEMORY, BUSY -> ErrorCode.BUSY;
        };
        return new HttpError(code, String.valueOf(refused.getMessage()), refused.hint());
    }

    public static HttpError told(RestoreRefused refused) {
        ErrorCode code = switch (refused.reason()) {
            case NO_SUCH_BACKUP -> ErrorCode.NOT_FOUND;
            case NOT_RESTORABLE -> ErrorCode.BACKUP_NON_RESTORABLE_STATE;
            case IN_PROGRESS -> ErrorCode.RESTORE_IN_PROGRESS;
        };
        return new HttpError(code, String.valueOf(refused.getMessage()), refused.hint());
    }

    public static HttpError told(OwnershipRefused refused) {
        ErrorCode code = switch (refused.reason()) {
            case OTHER_IDS -> ErrorCode.FORBIDDEN;
            case TAKEN -> ErrorCode.INSTANCE_TAKEN;
            case UNKNOWN_OWNER -> ErrorCode.BAD_REQUEST;
        };
        return new HttpError(code, String.valueOf(refused.getMessage()), refused.hint());
    }
}
