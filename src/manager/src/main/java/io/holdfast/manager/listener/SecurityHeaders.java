package io.holdfast.manager.listener;

import java.util.Map;
import org.eclipse.jetty.http.HttpFields;

/** What every answer tells browsers, so that not even a page with a mistake in it does harm. */
final class SecurityHeaders {
    /** Scripts and styles come from here, as files: none is written into a page, and no page is in another's frame. */
    private static final String CONTENT =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " font-src 'self'; connect-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

    private static final Map<String, String> ALL = Map.of(
            "Content-Security-Policy", CONTENT,
            "Strict-Transport-Security", "max-age=31536000; includeSubDomains",
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()");

    private SecurityHeaders() {}

    /** Adds them to an answer. One that does not say how long it may be kept is kept by nobody. */
    static void addTo(HttpFields.Mutable headers) {
        ALL.forEach(headers::put);
        if (!headers.contains("Cache-Control")) {
            headers.put("Cache-Control", "no-store");
        }
    }
}
