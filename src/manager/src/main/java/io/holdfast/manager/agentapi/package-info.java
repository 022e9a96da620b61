/**
 * What agents call: their protocol on one side, the use cases of the domain on the other. An agent's certificate names its
 * instance.
 */
@NullMarked
package io.holdfast.manager.agentapi;

import org.jspecify.annotations.NullMarked;
