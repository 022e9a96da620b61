/** The listeners: TLS, connections, how much may come and how fast. The only package that knows Jetty. */
@NullMarked
package io.holdfast.manager.listener;

import org.jspecify.annotations.NullMarked;
