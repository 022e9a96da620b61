package io.holdfast.manager.store;

import java.util.List;

/**
 * What a store was seen to do when it was probed.
 *
 * @param description which store, without credentials
 * @param conditionalPut that {@link Store#putIfAbsent} excludes rivals
 * @param checksMd5 that a signed address refuses content with another MD5 than it was signed for
 * @param objectLock that objects can be locked until a time
 * @param notes what an operator should know, in sentences
 */
public record StoreAbilities(
        String description, boolean conditionalPut, boolean checksMd5, boolean objectLock, List<String> notes) {}
