/** HTTP over TLS: the only package that knows Jetty. Routes get requests and give replies as plain values. */
@NullMarked
package io.holdfast.manager.http;

import org.jspecify.annotations.NullMarked;
