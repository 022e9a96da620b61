package io.holdfast.manager.registration;

/**
 * Who registers instances.
 *
 * @param name an operator's or a broker's
 * @param operator whether it may have any
 */
public record Registrant(String name, boolean operator) {}
