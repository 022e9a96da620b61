/**
 * Tests of the whole: a manager and agents as processes of their own, a real PostgreSQL, a real store. {@link
 * io.holdfast.acceptance.Landscape} starts and stops all of it; each test class is about one promise.
 */
@NullMarked
package io.holdfast.acceptance;

import org.jspecify.annotations.NullMarked;
