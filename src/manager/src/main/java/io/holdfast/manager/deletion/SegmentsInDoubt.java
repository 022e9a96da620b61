package io.holdfast.manager.deletion;

/**
 * Nobody can say which segments of an instance are used, since the store has a manifest that cannot be believed: so none of
 * them is removed now.
 */
public final class SegmentsInDoubt extends Exception {
    SegmentsInDoubt(String message) {
        super(message);
    }
}
