/**
 * Keys and certificates for the mutual TLS between manager and agents, read from PEM files as BOSH writes them.
 *
 * <p>Trust is always stated: by a CA file or by the JVM's trust store. Nothing here accepts everything.
 */
@NullMarked
package io.holdfast.protocol.tls;

import org.jspecify.annotations.NullMarked;
