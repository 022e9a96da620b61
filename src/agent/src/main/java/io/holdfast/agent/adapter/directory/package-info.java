/**
 * A directory with all that is below it: dumped and staged by GNU tar, whose stream is checked on both ways, and replaced
 * by renames.
 *
 * <p>How it works, and what it needs, is told in {@code docs/adapters/directory.md}.
 */
@NullMarked
package io.holdfast.agent.adapter.directory;

import org.jspecify.annotations.NullMarked;
