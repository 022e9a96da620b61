package io.holdfast.manager.access;

import io.holdfast.manager.http.Reply;
import java.util.Map;
import java.util.regex.Pattern;

/** Leads browsers on with a {@code GET}. */
final class Redirects {
    /** A path of this host: two slashes, or one backwards, would lead elsewhere. */
    private static final Pattern LOCAL = Pattern.compile("/(?:[^/\\\\\\p{Cntrl}][^\\\\\\p{Cntrl}]*)?");

    private Redirects() {}

    /** To a path of this host that somebody else has chosen; one that is none leads to the first page. */
    static Reply to(String path) {
        return elsewhere(LOCAL.matcher(path).matches() ? path : "/");
    }

    /** To an address that this manager has made. */
    static Reply elsewhere(String address) {
        return Reply.bytes(303, Map.of("Location", address), new byte[0]);
    }
}
