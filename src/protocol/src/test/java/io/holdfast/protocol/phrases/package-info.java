/** The language of the project, for all modules: that phrases which operators stumble over do not come back. */
@NullMarked
package io.holdfast.protocol.phrases;

import org.jspecify.annotations.NullMarked;
