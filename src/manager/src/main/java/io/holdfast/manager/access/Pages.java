package io.holdfast.manager.access;

import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import org.jspecify.annotations.Nullable;

/** Draws the pages that callers need before they may see any other. */
public interface Pages {
    /**
     * The login page.
     *
     * @param csrfToken the value of the form's field {@code csrf_token}
     * @param to the value of the form's field {@code to}: the path that was wanted
     * @param openid the path of the link that leads to the identity provider, or null when there is none
     * @param problem why the last try was refused, or null
     */
    record Login(
            String csrfToken,
            String to,
            @Nullable String openid,
            @Nullable HttpError problem) {}

    /** A page with a form that posts {@code name}, {@code password}, {@code csrf_token} and {@code to} to /login. */
    Reply login(int status, Login login);

    /**
     * A page that says why a request of a browser was refused: code, description, hint.
     *
     * @param access of who asked; the session is null for somebody who has not logged in
     */
    Reply error(HttpError error, Access access);
}
