/**
 * Whatever has no adapter of its own: commands of the operator's that dump to standard output and restore from standard
 * input. See {@code docs/adapters/command.md}.
 */
@NullMarked
package io.holdfast.agent.adapter.command;

import org.jspecify.annotations.NullMarked;
