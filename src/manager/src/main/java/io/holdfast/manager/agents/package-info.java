/** Agents of instances: who they are, when they were seen, what they understand, and which of them are let in no more. */
@NullMarked
package io.holdfast.manager.agents;

import org.jspecify.annotations.NullMarked;
