/** How instances come to be known, change and change hands, whoever asks. */
@NullMarked
package io.holdfast.manager.registration;

import org.jspecify.annotations.NullMarked;
