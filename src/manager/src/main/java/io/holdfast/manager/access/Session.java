package io.holdfast.manager.access;

/**
 * A login at the dashboard.
 *
 * @param csrfToken what every request that changes something has to bring along, see {@link GuardedRoutes}
 * @param name what people call the user
 */
public record Session(String csrfToken, String name) {}
