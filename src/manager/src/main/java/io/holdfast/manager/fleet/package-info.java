/** How well all instances are protected, for whoever looks after them; reads only. */
@NullMarked
package io.holdfast.manager.fleet;

import org.jspecify.annotations.NullMarked;
