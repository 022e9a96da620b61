/** The one secret from which a manager's keys can be derived, see {@code docs/format.md}. */
@NullMarked
package io.holdfast.format.secret;

import org.jspecify.annotations.NullMarked;
