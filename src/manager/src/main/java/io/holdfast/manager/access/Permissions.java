package io.holdfast.manager.access;

import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.identity.Caller;

/** What the platform allows an app developer on a service instance. */
public interface Permissions {
    /**
     * The answer for one instance.
     *
     * @param read may see it
     * @param manage may act on it
     */
    record Permission(boolean read, boolean manage) {
        /** Nothing at all, also on an instance that the platform does not know. */
        public static final Permission NONE = new Permission(false, false);
    }

    /**
     * Asks. Any thread may.
     *
     * @param fresh whether what was answered a short while ago does not count
     * @throws HttpError 503 when nobody can be asked
     */
    Permission of(Caller.Developer developer, String instanceId, boolean fresh);

    /** For a platform without app developers. */
    Permissions NOBODYS = (developer, instanceId, fresh) -> Permission.NONE;
}
