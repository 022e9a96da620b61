package io.holdfast.agent.adapter.tar;

import java.io.IOException;

/** A tar stream is not one that Holdfast makes or extracts. */
public final class TarException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Kind {
        /** It is damaged, is incomplete, or breaks the format's rules. */
        MALFORMED,
        /** It is a proper tar stream with something in it that is not extracted. */
        REFUSED
    }

    private final Kind kind;

    private TarException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public static TarException malformed(String message) {
        return new TarException(Kind.MALFORMED, message);
    }

    public static TarException refused(String message) {
        return new TarException(Kind.REFUSED, message);
    }

    public Kind kind() {
        return kind;
    }
}
