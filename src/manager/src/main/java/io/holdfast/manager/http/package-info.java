/** Requests and replies as plain values, and the routes between them. */
@NullMarked
package io.holdfast.manager.http;

import org.jspecify.annotations.NullMarked;
