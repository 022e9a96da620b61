/** Where in a store each thing lies: the paths of {@code docs/format.md}. Stores themselves know nothing of it. */
@NullMarked
package io.holdfast.manager.layout;

import org.jspecify.annotations.NullMarked;
