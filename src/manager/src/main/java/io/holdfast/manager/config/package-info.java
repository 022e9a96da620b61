/** The manager's configuration: one JSON file, checked as a whole before anything starts. */
@NullMarked
package io.holdfast.manager.config;

import org.jspecify.annotations.NullMarked;
