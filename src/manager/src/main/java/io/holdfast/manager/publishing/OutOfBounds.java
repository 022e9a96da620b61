package io.holdfast.manager.publishing;

/** An agent names something that no backup has. Nothing has changed. */
public final class OutOfBounds extends RuntimeException {
    private OutOfBounds(String field) {
        super("field '" + field + "' is out of its bounds", null, false, false);
    }

    private OutOfBounds(String field, String why) {
        super("field '" + field + "': " + why, null, false, false);
    }

    /**
     * Demands that a field is within its bounds.
     *
     * @throws OutOfBounds when it is not
     */
    public static void require(boolean good, String field) {
        if (!good) {
            throw new OutOfBounds(field);
        }
    }

    /** A segment that no backup has. */
    static OutOfBounds segment(String why) {
        return new OutOfBounds("segments", why);
    }
}
