/** The one JSON dialect of Holdfast's files and messages. */
@NullMarked
package io.holdfast.format.json;

import org.jspecify.annotations.NullMarked;
