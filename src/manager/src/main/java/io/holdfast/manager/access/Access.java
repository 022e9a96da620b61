package io.holdfast.manager.access;

import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.identity.Caller;
import io.holdfast.manager.identity.Session;
import io.holdfast.manager.instance.Instance;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The caller of one request, and what this caller may do. For the thread of the request.
 *
 * @param session of the dashboard, or null for a caller who proves in each request who it is; pages always have one
 */
public record Access(Caller caller, @Nullable Session session, Rights rights) {
    /** The session's token, for the header {@code X-CSRF-Token} or the field {@code csrf_token} of every form. */
    public String csrfToken() {
        return Objects.requireNonNull(session, "there is no session").csrfToken();
    }

    /** Whether the caller may do something to an instance, such as to show the button for it. */
    public boolean may(Right right, Instance instance) {
        return rights.has(caller, right, instance);
    }

    /**
     * Demands a right on an instance that the path does not name.
     *
     * @throws HttpError 403, or 404 where the caller may not even see it
     */
    public void require(Right right, Instance instance) {
        rights.require(caller, right, instance);
    }

    /** Whose instances alone the caller has; empty for one who has all of them. */
    public Optional<String> onlyOf() {
        return caller instanceof Caller.Operator ? Optional.empty() : Optional.of(caller.id());
    }
}
