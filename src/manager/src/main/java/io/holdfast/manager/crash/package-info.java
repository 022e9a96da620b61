/** Places in the manager at which a test can end the process, to see that nothing is lost there. */
@NullMarked
package io.holdfast.manager.crash;

import org.jspecify.annotations.NullMarked;
