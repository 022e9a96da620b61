package io.holdfast.manager.api;

import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.keys.EncryptionKeyRefused;

/** How callers are told why an encryption key was refused. */
final class EncryptionKeyErrors {
    private EncryptionKeyErrors() {}

    static HttpError told(EncryptionKeyRefused refused) {
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
}
