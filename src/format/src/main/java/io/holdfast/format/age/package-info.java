/**
 * The encryption layer: age files, version 1, as specified at age-encryption.org/v1 and in docs/format.md.
 *
 * <p>An age file is a header, which wraps one random 16-byte {@link io.holdfast.format.age.FileKey} for each recipient
 * and is sealed by a MAC, and a payload of chunks of 64 KiB, each authenticated on its own. Four words carry the whole
 * interface: {@link io.holdfast.format.age.Age#encrypt encrypt}, {@link io.holdfast.format.age.Age#decrypt decrypt},
 * {@link io.holdfast.format.age.Recipient} and {@link io.holdfast.format.age.Identity}.
 *
 * <p>Nothing that has not been authenticated ever leaves this package. What is wrong with a file is told by the
 * {@link io.holdfast.format.age.AgeException.Kind}. Bulk encryption is the JDK's; only scrypt comes from Bouncy Castle.
 */
@NullMarked
package io.holdfast.format.age;

import org.jspecify.annotations.NullMarked;
