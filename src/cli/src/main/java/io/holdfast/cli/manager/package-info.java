/**
 * The manager's API as this client sees it ({@code docs/api.md}): one class that talks, and records for the answers.
 *
 * <p>Fields that this version does not know are ignored, so that an older client works with a newer manager.
 */
@NullMarked
package io.holdfast.cli.manager;

import org.jspecify.annotations.NullMarked;
