/** Service instances: what is known of each, the lives that its name has had, and how far its record in the store has followed. */
@NullMarked
package io.holdfast.manager.instance;

import org.jspecify.annotations.NullMarked;
