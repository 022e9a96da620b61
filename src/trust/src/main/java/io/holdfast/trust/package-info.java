/** Makes a JVM's keystore trust what the BOSH Director trusts. */
@NullMarked
package io.holdfast.trust;

import org.jspecify.annotations.NullMarked;
