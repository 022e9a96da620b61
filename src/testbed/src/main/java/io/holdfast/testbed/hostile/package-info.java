/**
 * A crowd of clients that are slow, idle, or ask for too much, at a manager that backs up meanwhile: see
 * {@code scripts/hostile}.
 */
@NullMarked
package io.holdfast.testbed.hostile;

import org.jspecify.annotations.NullMarked;
