package io.holdfast.manager.identity;

/**
 * A login at the dashboard.
 *
 * @param csrfToken what every request that changes something has to bring along
 * @param name what people call the user
 */
public record Session(String csrfToken, String name) {}
