package io.holdfast.manager.backup;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.jobs.JobOrigin;
import org.jspecify.annotations.Nullable;

/**
 * Where a backup comes from.
 *
 * @param origin who asked for it, or null when nobody knows
 * @param maker which agent made it, or null when nobody knows
 */
public record Provenance(@Nullable JobOrigin origin, Manifest.@Nullable MadeBy maker) {}
