/**
 * The compression layer: a stream as a row of small, independent zstd frames (RFC 8878), each with the size and the
 * checksum of its content. The only package that knows the zstd library.
 *
 * <p>Independent frames are what lets several threads compress one stream, and lets a reader work in constant memory;
 * the plain {@code zstd -d} program reads their row like one frame.
 */
@NullMarked
package io.holdfast.format.zstd;

import org.jspecify.annotations.NullMarked;
