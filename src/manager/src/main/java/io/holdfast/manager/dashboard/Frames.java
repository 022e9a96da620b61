package io.holdfast.manager.dashboard;

import io.holdfast.manager.access.Access;
import io.holdfast.manager.identity.Caller;
import io.holdfast.manager.identity.Session;
import org.jspecify.annotations.Nullable;

/** Makes the frames of pages. */
record Frames(Assets assets) {
    /** Around a page for somebody, who may not have logged in. */
    Frame of(Access access, String title, Frame.Part part) {
        Session session = access.session();
        return new Frame(
                assets,
                title,
                part,
                session == null ? null : session.name(),
                session != null && access.caller() instanceof Caller.Operator,
                session == null ? null : session.csrfToken(),
                null);
    }

    /** Around a page for nobody in particular. */
    Frame of(String title, @Nullable String csrfToken) {
        return new Frame(assets, title, Frame.Part.NONE, null, false, csrfToken, null);
    }
}
