/**
 * The agent's configuration: one JSON file, checked as a whole before anything starts.
 */
@NullMarked
package io.holdfast.agent.config;

import org.jspecify.annotations.NullMarked;
