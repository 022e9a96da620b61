/** How the agent writes its log. */
@NullMarked
package io.holdfast.agent.logging;

import org.jspecify.annotations.NullMarked;
