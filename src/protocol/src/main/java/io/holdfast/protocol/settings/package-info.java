/** How manager and agent read their configuration files: every mistake is named at once, with its key. */
@NullMarked
package io.holdfast.protocol.settings;

import org.jspecify.annotations.NullMarked;
