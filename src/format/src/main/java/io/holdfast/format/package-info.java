/** age files, zstd frames, segments and the signed manifest: Holdfast's format, written and read as pure streams. */
@NullMarked
package io.holdfast.format;

import org.jspecify.annotations.NullMarked;
