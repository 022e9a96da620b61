/** What the domain knows of where the state is: that a change is made as a whole or not at all, and what time it is there. */
@NullMarked
package io.holdfast.manager.transaction;

import org.jspecify.annotations.NullMarked;
