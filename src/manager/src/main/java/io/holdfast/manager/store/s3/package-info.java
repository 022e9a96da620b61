/**
 * A store behind the S3 interface, whoever makes it. The only package that knows the AWS SDK.
 *
 * <p>No store's kindness is relied on: what is not in every store (conditional writes, a check of the MD5) is
 * found out by trying, and sizes are compared here.
 */
@NullMarked
package io.holdfast.manager.store.s3;

import org.jspecify.annotations.NullMarked;
