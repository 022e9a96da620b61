package io.holdfast.manager.dashboard;

import io.holdfast.manager.catalogue.Comparisons.Compared;
import io.holdfast.manager.monitoring.HealthApi.Check;
import io.holdfast.manager.store.StoreAbilities;
import org.jspecify.annotations.Nullable;

/**
 * What the page of the store shows.
 *
 * @param compared what the last comparison of the catalogue with it found, or null before the first
 */
public record StorePage(
        Check check, StoreAbilities able, @Nullable Compared compared) {}
