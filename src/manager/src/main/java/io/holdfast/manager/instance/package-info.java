/** Service instances: how they are registered and changed, and whose they are. */
@NullMarked
package io.holdfast.manager.instance;

import org.jspecify.annotations.NullMarked;
